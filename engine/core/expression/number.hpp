// Numbers as jq reads them: JSON's, and also 007, +5, .5 and 1. which JSON does not know.
#pragma once

#include <optional>
#include <string_view>

#include "engine/base/json.hpp"

namespace skald::core {

// The whole text as a number, which keeps its text where it is JSON's. None if it is something else or too
// large for a double.
std::optional<Json> read_number(std::string_view text);

}  // namespace skald::core
