// polling: how often Skald asks whether accepted work is done, and where it may ask.
#pragma once

#include <optional>
#include <string_view>

#include "engine/base/time.hpp"

namespace skald::core {

// The wait before the next poll of work that was requested `elapsed` ago: a tenth of that, so that short work
// is noticed soon and long work costs little. The service's own Retry-After comes before it.
Duration poll_interval(Duration elapsed, std::optional<Duration> retry_after);

// Whether a Location is a plain path below the service's base path, as the caller hands it over. Everything
// else (another host, dot segments, control characters) is not followed.
bool is_safe_location(std::string_view location);

}  // namespace skald::core
