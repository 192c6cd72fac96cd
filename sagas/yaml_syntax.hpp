// What broken YAML means in the words of people who write it: yaml-cpp's messages name its own grammar, and
// the place is often where it gave up, not where the mistake is. Used by yaml_parser.cpp only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "sagas/fault.hpp"

namespace skald::sagas {

struct OpenCollection {
  Place place;
  std::size_t source_offset = 0;
};

struct SyntaxError {
  std::string message;     // yaml-cpp's
  std::size_t offset = 0;  // of the byte where it gave up
  std::optional<OpenCollection> innermost_open;
};

void explain_syntax_error(const SyntaxError& error, std::string_view source, FaultList& faults);

// False where a quoted scalar begins there that has no end: yaml-cpp takes the end of the file for one.
bool is_closed_scalar(std::string_view source, std::size_t begin);

// JSON writes characters above U+FFFF as two escapes, "\ud83d\ude00", which yaml-cpp refuses; here they
// become one, "\U0001f600". (What follows on such a line is named two columns too early.)
std::string with_joined_surrogates(std::string_view source);

}  // namespace skald::sagas
