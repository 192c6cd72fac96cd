// Pattern: a regular expression (ECMA 262, as JSON Schema asks for), searched for in time linear in the text.
// The text comes from strangers, so a backtracking matcher is out: (a+)+$ would hold a lane for minutes. The
// price is that look-around and back-references are refused at load, with the way to say the same in a
// schema.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/base/error.hpp"

namespace skald::sagas {

struct PatternProgram;

class Pattern {
 public:
  // The failure says what is wrong and at which character.
  static Result<Pattern> compile(std::string_view source);

  // Whether the pattern is found anywhere in the UTF-8 text; it counts code points. Each step of the search
  // takes one from the budget; when that is spent the answer is false and the budget 0.
  bool found_in(std::string_view text, std::uint64_t& budget) const;

 private:
  explicit Pattern(std::shared_ptr<const PatternProgram> program) : program_(std::move(program)) {}
  std::shared_ptr<const PatternProgram> program_;  // shared: it never changes, and schemas are copied
};

}  // namespace skald::sagas
