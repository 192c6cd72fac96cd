// The syntax tree of a pattern: what schema_pattern.cpp turns into a program.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/error.hpp"

namespace skald::sagas {

// Code points, as sorted ranges that do not touch, both ends included.
using CharacterSet = std::vector<std::pair<char32_t, char32_t>>;

struct PatternTerm {
  enum class Kind { Empty, Character, TextStart, TextEnd, WordEdge, NotWordEdge, Sequence, Choice, Repeat };
  static constexpr std::uint32_t kUnbounded = UINT32_MAX;

  Kind kind = Kind::Empty;
  CharacterSet characters;         // of Character
  std::vector<PatternTerm> parts;  // of Sequence and Choice; the one of Repeat
  std::uint32_t minimum = 0;       // of Repeat
  std::uint32_t maximum = 0;       // of Repeat
};

Result<PatternTerm> parse_pattern(std::string_view source);

bool is_word_character(char32_t character);

// Takes the next code point off a UTF-8 text that is not empty; a broken byte counts as U+FFFD.
char32_t take_code_point(std::string_view& text);

}  // namespace skald::sagas
