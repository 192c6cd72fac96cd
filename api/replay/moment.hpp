// What is told as of a time must be the same whenever it is asked (semantics.md section 6): so a time that
// has not come is refused, and one at which a lane may still be appending has to wait.
#pragma once

#include "engine/base/error.hpp"
#include "engine/base/time.hpp"

namespace skald::api {

// A lane gives an append up after ten seconds, and what it then decides anew bears a later time.
inline constexpr Duration kAllLanesPassed = std::chrono::seconds(15);

// `now`: of whoever is asked. An Error (Invalid): the time has not come.
Result<void> check_has_come(Timestamp time, Timestamp now);
// `later`: something behind the time has been seen, so nothing before it can come any more. An Error
// (Unavailable): it still can.
Result<void> check_is_past(Timestamp time, Timestamp now, bool later);

}  // namespace skald::api
