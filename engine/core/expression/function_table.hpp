// The functions of the language by name: what the parser looks up, and what it says where there is none.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/expression/code.hpp"

namespace skald::core {

struct FunctionName {
  std::string_view name;
  std::size_t arguments;
  Function function;
};

// Of those that take a value to a value, by name and number of arguments; nullptr where there is none.
const FunctionName* find_function(std::string_view name, std::size_t arguments);

// What is wrong with a call that nothing fits: "'split' takes one argument", "there is no function 'lenght';
// did you mean 'length'?".
std::string explain_unknown_function(std::string_view name);

}  // namespace skald::core
