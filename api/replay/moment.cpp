#include "api/replay/moment.hpp"

namespace skald::api {
namespace {

// Nodes and database do not agree about the time to the millisecond.
constexpr Duration kClocksOfNodes = std::chrono::seconds(1);

}  // namespace

Result<void> check_has_come(Timestamp time, Timestamp now) {
  if (time > now + kClocksOfNodes) return invalid("at: that time has not come: it is " + to_rfc3339(now));
  return {};
}

Result<void> check_is_past(Timestamp time, Timestamp now, bool later) {
  if (later || time <= now - kAllLanesPassed) return {};
  return unavailable("an event of that time may still be on its way; in " + to_text(kAllLanesPassed) +
                     " none can be any more");
}

}  // namespace skald::api
