// What a refusal of PostgreSQL means for us, by its SQLSTATE (Appendix A of its manual): the bytes are at
// fault, the connection is, or the moment is. Used by Appender and Reader.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace skald::store::sqlstate {

// The bytes are at fault, and will be for ever: data exception, integrity constraint, program limit.
inline bool is_about_the_data(std::string_view sqlstate) {
  return sqlstate.starts_with("22") || sqlstate.starts_with("23") || sqlstate.starts_with("54");
}

// The server cannot serve this connection (any more), another one may: read-only standby, shutting down; it
// does not know what was prepared (a pooler changed servers), or the tables changed below it.
inline bool is_about_the_connection(std::string_view sqlstate) {
  return sqlstate == "25006" || sqlstate == "26000" || sqlstate == "0A000" || sqlstate.starts_with("57P") ||
         sqlstate.starts_with("08");
}

// Somebody else had what was wanted for longer than it is waited for.
inline constexpr std::string_view kLockNotAvailable = "55P03";

// Raised where nothing may begin: the log is frozen (schema/0030_frozen.sql).
inline constexpr std::string_view kFrozen = "SK001";

// Raised by skald.saga_has_left: an append goes on with a saga that retention took away.
inline constexpr std::string_view kSagaHasLeft = "SK002";

// Raised by skald.swap_kept: a view fell behind, and would miss what is to leave.
inline constexpr std::string_view kViewFellBehind = "SK003";

// Raised by skald.may_rebuild: a rebuild of a view would lose rows of sagas that left.
inline constexpr std::string_view kWouldLoseRows = "SK004";

// It will pass, or an operator will see to it: transaction rolled back, out of disk, memory or connections, a
// lock not to be had, shut down, cancelled, a failing disk.
inline bool is_passing(std::string_view sqlstate) {
  constexpr std::array<std::string_view, 5> kClasses = {"40", "53", "55", "57", "58"};
  return is_about_the_connection(sqlstate) ||
         std::any_of(kClasses.begin(), kClasses.end(), [&](auto one) { return sqlstate.starts_with(one); });
}

}  // namespace skald::store::sqlstate
