// Brings the schema of a database up to date. Blocking; safe when several processes start at once: the first
// migrates, the others wait and find it done. Used by `skald migrate`, `skald dev` and tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/error.hpp"

namespace skald::store {

struct Migration {
  const char* name;  // "0006_event": its number and what it is about
  const char* sql;
};
// All of them, in order. A migration that was released is never edited: a change is a new file.
const std::vector<Migration>& migrations();

struct MigrateOptions {
  std::uint16_t partition_count = 64;  // looked at only when the database is created
};

// Ends with the names of the migrations that were applied now; none when the schema was up to date.
Result<std::vector<std::string>> migrate(const std::string& conninfo, MigrateOptions options = {});

}  // namespace skald::store
