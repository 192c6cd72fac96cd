// What only the log in memory can be brought to by hand: its turns are taken in an order of the test's
// choice.
#include "eventstore/memory.hpp"

#include <doctest/doctest.h>

#include "tests/contract/memory_world.hpp"

using namespace skald;
using namespace skald::store;
using namespace skald::store::testing;

TEST_CASE(
    "memory log: what was asked of a partition before its loss is told is refused, though it has come back") {
  MemoryWorld world;
  const auto saga = saga_in({3}, 1);
  auto sleeper = world.opened({"one"});
  as<Committed>(world.append(*sleeper, start_of(saga)));
  world.make_silent("one");
  {
    auto other = world.opened({"two"});
    as<Committed>(world.append(*other, next_of(saga, 3)));
    bool closed = false;
    other->close([&] { closed = true; });
    world.run_until([&] { return closed; });
  }
  std::optional<AppendResult> stale;
  std::optional<Ownership> change;
  sleeper->beat([&](Result<Ownership> told) { change = told.value(); });
  sleeper->append(next_of(saga, 3), [&](AppendResult result) { stale = std::move(result); });
  world.run_until([&] { return stale && change; });
  CHECK(change->gained.size() == kPartitions);
  as<NotOwner>(*stale);
  CHECK(world.read_saga(*sleeper, saga).size() == 3);
}
