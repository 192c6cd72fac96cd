// Random views × random logs through processes that die: whatever is under way, whenever it ends, the rows
// are those of one serial fold, live and rebuilt.

#include "tests/first_seed.hpp"
#include "tests/views/dying_world.hpp"
#include "tests/views/random_view.hpp"

namespace skald::views::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kRuns = 150, kEvents = 40;
// Longer than all that is tried again.
constexpr Duration kRest = 15s;

using Rows = std::vector<store::ViewRows::Row>;

Rows serial_fold(const View& view, const SeenLog& log) {
  store::ViewRows rows(view.table);
  for (const SeenEvent& event : log.events())
    for (const auto& change : folded(view, event)) rows.merge(change);
  return rows.rows();
}

const char* const kCounts = R"(
view: counts
key: { k: "${ .event.type }" }
columns: { k: text, times: integer, last: text }
rules:
  - event: [SagaStarted, StepSucceeded, EventReceived, StepFailed, SagaEnded, StepRequested]
    add: { times: 1 }
    set: { last: "${ .saga.id }" }
)";

// A view is filled while events come, goes live, is built anew while more come, and switches. How many
// answers of the database that takes.
std::size_t filled_and_rebuilt(const View& view, const SeenLog& log, std::size_t dies_at, bool deaf) {
  DyingWorld world(log);
  world.dies_at = dies_at;
  world.dies_deaf = deaf;
  for (int i = 0; i < 10; ++i) world.append(false);
  world.put(view);
  world.pass(100ms);
  for (int i = 0; i < 10; ++i) world.append(true);
  world.pass(2s);
  world.put(view, true);
  world.step(5);
  while (world.more_events()) {
    world.append(true);
    world.step(3);
  }
  world.pass(1s);
  const std::size_t steps = world.steps();
  world.pass(kRest);
  REQUIRE(world.rows() == serial_fold(view, log));
  REQUIRE(world.different.value_or(0) == 0);
  return steps;
}

}  // namespace

TEST_CASE("views: however often their processes die, live and rebuilt rows are those of a serial fold") {
  std::size_t rows = 0, rebuilds = 0, deaths = 0;
  const std::uint64_t seed = skald::testing::first_seed();
  for (std::size_t i = 0; i < kRuns; ++i) {
    INFO("SKALD_SEED=", seed + i, " test_views -tc='views: however often*'");
    auto [random, text, view, log] = ViewAndLog(seed + i, kEvents);
    INFO(text);
    DyingWorld world(log);
    world.put(view);
    while (world.more_events()) {
      world.append(random.below(4) != 0);
      world.step(random.below(6));
      if (random.below(3) == 0) world.pass(std::chrono::milliseconds(random.below(400)));
      if (random.below(6) == 0) ++deaths, world.die(random.below(2) == 0);
      if (random.below(12) == 0) ++rebuilds, world.put(view, true);
    }
    world.pass(kRest);
    const Rows expected = serial_fold(view, log);
    REQUIRE(world.rows() == expected);
    REQUIRE(world.different.value_or(0) == 0);
    rows += expected.size();
  }
  CHECK(rows > kRuns);
  CHECK(rebuilds > kRuns);
  CHECK(deaths > kRuns * 3);
}

TEST_CASE(
    "views: a process may die after any answer of the database, heard or not, and nothing counts twice") {
  const View view = view_of(kCounts);
  Random random(7);
  SeenLog log;
  tell_random_log(random, log, 30);
  const std::size_t steps = filled_and_rebuilt(view, log, 0, false);
  REQUIRE(steps > 30);
  for (std::size_t at = 1; at <= steps; ++at) {
    INFO("dead at answer ", at, " of ", steps);
    filled_and_rebuilt(view, log, at, false);
    filled_and_rebuilt(view, log, at, true);
  }
}

}  // namespace skald::views::testing
