#include "eventstore/pg/migrate.hpp"

#include <set>

#include "eventstore/pg/blocking.hpp"

namespace skald::store {

namespace {

// One migration at a time: the lock ends with the transaction. Its number means nothing but "skald migrate".
constexpr auto kBegin =
    "begin; set local client_min_messages = warning; select pg_advisory_xact_lock(7312446501)";

constexpr auto kPrepare = R"sql(
  create schema if not exists skald;
  create table if not exists skald.migration (
    name        text primary key,
    applied_at  timestamptz not null default clock_timestamp()
  );
  comment on table skald.migration is 'Files of eventstore/schema that were applied to this database.';
)sql";

Result<std::set<std::string>> applied_before(BlockingConnection& database) {
  auto rows = database.run("select name from skald.migration");
  if (!rows) return rows.error();
  std::set<std::string> names;
  for (const auto& row : *rows) names.insert(row.front().value_or(""));
  return names;
}

Result<void> refuse_newer(std::set<std::string> applied) {
  for (const auto& known : migrations()) applied.erase(known.name);
  if (applied.empty()) return {};
  return conflict("the database has the migration " + *applied.begin() +
                  ", which this version of Skald does not know: use a newer one");
}

Result<std::vector<std::string>> apply_missing(BlockingConnection& database,
                                               const std::set<std::string>& applied) {
  std::vector<std::string> names;
  for (const auto& migration : migrations()) {
    if (applied.contains(migration.name)) continue;
    if (auto done = database.run(migration.sql); !done) {
      return unexpected("migration " + std::string(migration.name) + ": " + done.error().message);
    }
    if (auto noted = database.run("insert into skald.migration (name) values ($1)", {migration.name});
        !noted) {
      return noted.error();
    }
    names.emplace_back(migration.name);
  }
  return names;
}

}  // namespace

Result<std::vector<std::string>> migrate(const std::string& conninfo, MigrateOptions options) {
  auto opened = BlockingConnection::open(conninfo);
  if (!opened) return opened.error();
  auto& database = *opened;
  // All of it in one transaction: a failure leaves the database as it was.
  if (auto begun = database.run(kBegin); !begun) return begun.error();
  if (auto prepared = database.run(kPrepare); !prepared) return prepared.error();
  if (auto set = database.run("select set_config('skald.partition_count', $1, true)",
                              {std::to_string(options.partition_count)});
      !set) {
    return set.error();
  }
  auto applied = applied_before(database);
  if (!applied) return applied.error();
  if (auto fits = refuse_newer(*applied); !fits) return fits.error();
  auto names = apply_missing(database, *applied);
  if (!names) return names.error();
  if (auto committed = database.run("commit"); !committed) return committed.error();
  return names;
}

}  // namespace skald::store
