// Migrations: once each, whoever starts first, and never backwards.
#include <future>
#include <set>

#include "eventstore/pg/migrate.hpp"
#include "tests/contract/pg_world.hpp"

using namespace skald;
using namespace skald::store;
using namespace skald::store::testing;

namespace {

std::string empty_database(const std::string& name) {
  BlockingConnection::open(test_server().conninfo()).value().run("create database " + name).value();
  return test_server().conninfo() + " dbname=" + name;
}

}  // namespace

TEST_CASE("migrate: several that start at once apply each migration once") {
  const auto conninfo = empty_database("migrated_by_many");
  std::vector<std::future<Result<std::vector<std::string>>>> running;
  for (int i = 0; i < 5; ++i)
    running.push_back(std::async(std::launch::async, [&] { return migrate(conninfo); }));
  std::size_t applied = 0;
  for (auto& one : running) {
    const auto names = one.get();
    REQUIRE_MESSAGE(names.has_value(), (names ? "" : names.error().message));
    CHECK((names->empty() || names->size() == migrations().size()));
    applied += names->size();
  }
  CHECK(applied == migrations().size());
  auto database = BlockingConnection::open(conninfo).value();
  CHECK(database.value("select count(*) from skald.migration").value() ==
        std::to_string(migrations().size()));
  CHECK(database.value("select count(*) from skald.ownership").value() == "64");
}

TEST_CASE("migrate: the number of partitions is that of the first time, for ever") {
  const auto conninfo = empty_database("migrated_twice");
  CHECK(migrate(conninfo, {.partition_count = 5}).value().size() == migrations().size());
  CHECK(migrate(conninfo, {.partition_count = 7}).value().empty());
  CHECK(
      BlockingConnection::open(conninfo).value().value("select partition_count from skald.setting").value() ==
      "5");
}

TEST_CASE("migrate: a database of a newer version is left alone") {
  const auto conninfo = empty_database("migrated_by_newer");
  migrate(conninfo).value();
  BlockingConnection::open(conninfo)
      .value()
      .run("insert into skald.migration values ('9999_future')")
      .value();
  const auto refused = migrate(conninfo);
  REQUIRE(!refused.has_value());
  CHECK(refused.error().kind == ErrorKind::Conflict);
  CHECK(refused.error().message.find("9999_future") != std::string::npos);
}

TEST_CASE("migrate: every table, view and function of the schema is explained in the database") {
  PgWorld world;
  const auto bare = world.sql(R"sql(
    select relname from pg_class where relnamespace = 'skald'::regnamespace and relkind in ('r', 'p', 'v')
      and not relispartition and obj_description(oid, 'pg_class') is null
    union all
    select proname from pg_proc where pronamespace = 'skald'::regnamespace and obj_description(oid, 'pg_proc') is null
  )sql");
  for (const auto& row : bare) FAIL_CHECK(*row.front() << " has no comment");
}

TEST_CASE("migrate: skald.story tells a saga in order, and skald.sagas where it stands") {
  PgWorld world;
  auto log = world.opened({"one"});
  const auto saga = saga_in({0}, 1);
  auto start = start_of(saga);
  start.events[1].payload =
      R"({"step":"apply","kind":"http","request":{"method":"POST","service":"recruitment","path":"/apply"}})";
  as<Committed>(world.append(*log, start));
  auto end = end_of(saga, 3);
  end.events[0].payload = R"({"status":"completed","undo":"none"})";
  as<Committed>(world.append(*log, end));
  const auto story = world.sql(
      "select version, type, step, what, position from skald.story where saga_id = $1 order by version",
      {to_text(saga)});
  REQUIRE(story.size() == 3);
  CHECK(story[1] == BlockingConnection::Row{"2", "StepRequested", "apply", "POST recruitment /apply", "0-2"});
  CHECK(story[2] == BlockingConnection::Row{"3", "SagaEnded", std::nullopt, "completed, undo none", "0-3"});
  CHECK(world.value("select status from skald.sagas where saga_id = $1", {to_text(saga)}) == "completed");
  CHECK(world.value("select partitions from skald.lanes where node = 'one'") == "8");
}
