// The contract of store::Log, held by the log in memory and the log on PostgreSQL alike.
#include <map>

#include "tests/contract/memory_world.hpp"
#include "tests/contract/pg_world.hpp"

using namespace skald;
using namespace skald::store;
using namespace skald::store::testing;

#define CONTRACT(sentence) TEST_CASE_TEMPLATE(sentence, World, MemoryWorld, PgWorld)

CONTRACT("log: a lane that is alone owns every partition") {
  World world;
  auto log = world.log({"one"});
  const auto owned = world.template await<Result<std::vector<Partition>>>([&](auto done) { log->open(done); });
  REQUIRE(owned.has_value());
  CHECK(owned->size() == kPartitions);
  CHECK(log->partition_count() == kPartitions);
  CHECK(log->healthy());
}

CONTRACT("log: what was appended is read back, in order, as it was given") {
  World world;
  auto log = world.opened({"one"});
  const auto saga = saga_in({3}, 1);
  const auto first = as<Committed>(world.append(*log, start_of(saga)));
  CHECK(first.last == Position{{3}, 2});
  as<Committed>(world.append(*log, {saga, 3, {event("StepSucceeded", kNoon, R"({"n":1.10, "text":"ä😀"})")}, {}, {}}));
  as<Committed>(world.append(*log, end_of(saga, 4)));

  const auto events = world.read_saga(*log, saga);
  REQUIRE(events.size() == 4);
  CHECK(events[0].type == "SagaStarted");
  CHECK(events[2].payload == R"({"n":1.10, "text":"ä😀"})");
  CHECK(events[3].version == 4);
  CHECK(events[3].position == Position{{3}, 4});
  CHECK(events[3].saga == saga);
  CHECK(world.read_saga(*log, saga, 2).size() == 2);
  CHECK(world.read_saga(*log, saga, 1, 2).back().version == 3);
  CHECK(world.read_saga(*log, saga_in({3}, 99)).empty());
  CHECK(world.read_partition(*log, {3}, 1, 2).front().position.number == 2);
  CHECK(world.read_partition(*log, {4}).empty());
  check_log(world, *log);
}
