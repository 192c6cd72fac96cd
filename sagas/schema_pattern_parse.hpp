// The syntax tree of a pattern: what schema_pattern.cpp turns into a program.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/error.hpp"
#include "sagas/schema_characters.hpp"

namespace skald::sagas {

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

}  // namespace skald::sagas
