// Events as JSON: the payloads of the log and of the API. Every event that was ever written can be read.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/event.hpp"

namespace skald::core {

// "StepSucceeded"
std::string_view type_name(const Fact& fact);
// The fields, camelCase, without type and time; members that say nothing are left out.
Json payload_of(const Fact& fact);
// An unknown type or a payload without a field that must be there is an Error: the log is not what this
// program knows.
Result<Fact> fact_from(std::string_view type, const Json& payload);

std::string_view to_text(Operation operation);  // "action", "compensate"

}  // namespace skald::core
