// Points in time and spans of it, in microseconds, as PostgreSQL keeps them. The core is handed the time;
// only the shell asks a clock.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/error.hpp"

namespace skald {

using Duration = std::chrono::microseconds;

// Microseconds since 1970-01-01T00:00:00Z.
struct Timestamp {
  std::int64_t microseconds = 0;
  auto operator<=>(const Timestamp&) const = default;
};

inline Timestamp operator+(Timestamp at, Duration span) {
  return {at.microseconds + span.count()};
}
inline Timestamp operator-(Timestamp at, Duration span) {
  return {at.microseconds - span.count()};
}
inline Duration operator-(Timestamp later, Timestamp earlier) {
  return Duration{later.microseconds - earlier.microseconds};
}

// The system's clock. For the shell; never called by the core.
Timestamp system_now();

// "2026-11-21T07:00:00.123456Z" (RFC 3339, always UTC; six decimals, none when the fraction is zero).
std::string to_rfc3339(Timestamp at);
// Any RFC 3339 time with offset. Finer than microseconds is cut off.
Result<Timestamp> parse_rfc3339(std::string_view text);
// An HTTP date (RFC 9110 section 5.6.7, IMF-fixdate only), as Retry-After may carry.
Result<Timestamp> parse_http_date(std::string_view text);

// "250ms", "5s", "10m", "2h", "30d", or ISO 8601 without years and months ("PT5S", "P30D").
Result<Duration> parse_duration(std::string_view text);
// The shortest of the first form that is exact: "250ms", "90s", "2h".
std::string to_text(Duration span);

}  // namespace skald
