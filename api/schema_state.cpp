#include "api/schema_state.hpp"

#include <set>

#include "eventstore/pg/blocking.hpp"
#include "eventstore/pg/log_import.hpp"
#include "eventstore/pg/migrate.hpp"

namespace skald::api {

Result<void> schema_is_current(const std::string& conninfo) {
  auto database = store::BlockingConnection::open(conninfo);
  if (!database) return database.error();
  const auto exists = database->value("select to_regclass('skald.migration') is not null");
  if (!exists) return exists.error();
  if (*exists != "t") return conflict("the database has no schema of Skald yet; run: skald migrate");
  const auto rows = database->run("select name from skald.migration");
  if (!rows) return rows.error();
  std::set<std::string> applied;
  for (const auto& row : *rows) applied.insert(row.front().value_or(""));
  std::string missing;
  for (const auto& migration : store::migrations())
    if (applied.erase(migration.name) == 0)
      missing += (missing.empty() ? "" : ", ") + std::string(migration.name);
  if (!applied.empty())
    return conflict("the schema is newer than this version of Skald (" + *applied.begin() +
                    "); use a newer one");
  if (!missing.empty())
    return conflict("the schema is behind this version of Skald: " + missing + "; run: skald migrate");
  return {};
}

Result<void> is_not_frozen(const std::string& conninfo) {
  const auto why = store::frozen_because(conninfo);
  if (!why) return why.error();
  return *why ? Result<void>(conflict(**why)) : Result<void>();
}

}  // namespace skald::api
