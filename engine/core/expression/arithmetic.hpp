// + - * / % and the comparisons, between values of every kind, as jq defines them.
#pragma once

#include "engine/core/expression/code.hpp"

namespace skald::core {

// Errors name the kinds of the operands, never the values.
Result<Json> apply(BinaryOperator operation, const Json& a, const Json& b, Meter& meter);

// `text` cut at every `separator`; an empty separator cuts between code points. Nothing of an empty text.
Result<Json> split(const std::string& text, const std::string& separator, Meter& meter);

}  // namespace skald::core
