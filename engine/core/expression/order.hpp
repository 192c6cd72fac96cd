// jq's order of all values: null, false, true, numbers, strings by their bytes, arrays item by item, objects
// by their sorted keys and then by their values.
#pragma once

#include "engine/base/json.hpp"
#include "engine/core/expression/meter.hpp"

namespace skald::core {

// Negative, zero or positive. Zero from a meter that is exhausted: the caller asks it.
int compare(const Json& a, const Json& b, Meter& meter);

// All but null and false.
bool is_truthy(const Json& value);

// jq's names of kinds: "null", "boolean", "number", "string", "array", "object".
std::string_view kind_name(const Json& value);

}  // namespace skald::core
