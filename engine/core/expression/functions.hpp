// The functions of the language by name, and the rules of those that take a value to a value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/core/expression/code.hpp"

namespace skald::core {

struct FunctionName {
  std::string_view name;
  std::size_t arguments;
  Function function;
};

// By name and number of arguments; nullptr where there is none.
const FunctionName* find_function(std::string_view name, std::size_t arguments);

// What is wrong with a call that nothing fits: "'split' takes one argument", "there is no function 'lenght';
// did you mean 'length'?".
std::string explain_unknown_function(std::string_view name);

// `argument` is null for functions without one. Messages name kinds and never values: what an expression sees
// may be a secret, and errors are stored.
Result<Json> call_function(Function function, const Json& input, const Json* argument, Meter& meter);

}  // namespace skald::core
