// What a plain (unquoted) scalar means: the core schema of YAML 1.2, section 10.3. null is told apart by the
// parser.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/json.hpp"

namespace skald::sagas {

struct ResolvedScalar {
  Json value;               // boolean, number or text
  std::string problem;      // not empty: a number of YAML that is none of JSON, or too big
  bool lost_zeros = false;  // 0123 is the number 123: mostly a text that lost its quotes
};

ResolvedScalar resolve_plain_scalar(std::string_view text);

}  // namespace skald::sagas
