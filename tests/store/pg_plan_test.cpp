// The plan of every hot query: none looks through a table, however the tables have grown. Plans are generic,
// as a prepared statement keeps them, and are looked at with the tables empty too: a lane that starts on a
// new database keeps the plans it made there.
#include <string>

#include "eventstore/pg/statements.hpp"
#include "tests/store/plan_of.hpp"

using namespace skald;
using namespace skald::store;
using namespace skald::store::testing;

namespace {

void fill(PgWorld& world) {
  world.sql(R"sql(
    insert into skald.saga
    select uuid, now(), now(), case when n % 50 > 0 then now() end, case when n % 100 = 0 then now() end, n, 1, n % 8,
           'completed', 'recruitment', n::text, n::text, 'hash'
    from (select n, gen_random_uuid() as uuid from generate_series(1, 5000) n) s;
    insert into skald.event (partition, position, saga_id, version, type, time, data, writer)
    select partition, row_number() over (partition by partition), saga_id, v, 'StepSucceeded', now(), '{"step":"apply"}', 1
    from skald.saga, generate_series(1, 8) v;
    insert into skald.start_key select definition, start_key, saga_id, sha256('x') from skald.saga;
    insert into skald.writer (node, lane, incarnation, revoked_at)
    select 'n', 0, gen_random_uuid(), now() from generate_series(1, 2000);
  )sql");
}

// `tables` are those whose rows grow with use.
void check_plan(PgWorld& world, const Statement& statement) {
  const auto plan = plan_of(world, statement);
  INFO(statement.name << "\n" << plan);
  for (const std::string table : {"event", "saga", "start_key", "writer"}) {
    CHECK(plan.find("Seq Scan on " + table) == std::string::npos);
  }
}

const Statement* const kHot[] = {
    &statements::kAppend,        &statements::kProbe,         &statements::kTails,
    &statements::kReadSaga,      &statements::kReadPartition, &statements::kFindSaga,
    &statements::kFindStartKeys, &statements::kListRunning,   &statements::kListDue,
    &statements::kListSagas,     &statements::kListOpenSagas, &statements::kFindLocked};

}  // namespace

TEST_CASE("plan: no hot query looks through a table of some thousand rows") {
  PgWorld world;
  fill(world);
  // As autovacuum does it: what has no rows yet gets no statistics.
  SUBCASE("with statistics") {
    world.sql("analyze skald.event_000000, skald.saga, skald.start_key, skald.writer");
  }
  SUBCASE("without") {}
  for (const auto* statement : kHot) check_plan(world, *statement);
}

TEST_CASE("plan: no hot query that was planned on an empty database looks through a table later") {
  PgWorld world;
  for (const auto* statement : kHot) check_plan(world, *statement);
}

TEST_CASE("plan: the look at a saga's events starts at the segment of its first one") {
  PgWorld world;
  world.sql("select skald.make_segments(10 * segment_positions) from skald.setting");
  auto log = world.opened({"one"});
  as<Committed>(world.append(*log, start_of(saga_in({0}, 1))));
  world.sql("update skald.saga set first_position = 5 * 131072 + 1");
  const auto plan = world.sql(
      "explain (analyze, costs off, timing off, summary off) select from skald.event where saga_id = '" +
      to_text(saga_in({0}, 1)) +
      "' and position >= (select first_position from skald.saga where partition = 0)");
  std::string text;
  for (const auto& row : plan) text += row.front().value_or("") + "\n";
  INFO(text);
  CHECK(text.find("event_000004_saga") != std::string::npos);
  CHECK(text.find("never executed") != std::string::npos);
}

TEST_CASE("plan: looking for silent lanes does not look through all writers there ever were") {
  PgWorld world;
  fill(world);
  world.sql("analyze");
  const auto plan = world.sql(
      "explain (costs off) select writer from skald.writer where revoked_at is null and node = 'n' and lane "
      "= 0");
  CHECK(plan.front().front()->find("Seq Scan") == std::string::npos);
}
