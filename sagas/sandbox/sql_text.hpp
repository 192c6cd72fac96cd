// The small words between values and the text that both databases take and give.
#pragma once

#include <cstdint>

#include "sagas/sandbox/database.hpp"

namespace skald::sandbox {

// "$3": the place of the third value in a statement.
inline std::string sql_place(std::size_t number) {
  return "$" + std::to_string(number);
}

inline std::string sql_truth(bool value) {
  return value ? "true" : "false";
}
// SQLite gives back what it got, PostgreSQL "t".
inline bool is_sql_true(const SqlValue& value) {
  return value == "true" || value == "t";
}

inline std::optional<std::int64_t> sql_integer(const SqlValue& value) {
  return value ? std::optional<std::int64_t>(std::stoll(*value)) : std::nullopt;
}

// For statements whose rows nobody wants.
inline Result<void> without_rows(const Result<std::vector<SqlRow>>& answer) {
  if (!answer) return answer.error();
  return {};
}

}  // namespace skald::sandbox
