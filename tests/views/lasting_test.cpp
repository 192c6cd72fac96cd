// What is not computed because a later event of the batch overwrites it must not be missed by anybody.
#include <algorithm>

#include "eventstore/row_change.hpp"
#include "projections/builtin.hpp"
#include "projections/lasting.hpp"
#include "tests/first_seed.hpp"
#include "tests/views/random_view.hpp"

namespace skald::views::testing {
namespace {

constexpr std::size_t kEvents = 80;

ViewEventPtr told(const SagaId& saga, Position position, const std::string& type) {
  store::StoredEvent event;
  event.saga = saga;
  event.position = position;
  event.type = type;
  event.payload = "{}";
  return std::make_shared<const ViewEvent>(std::move(event));
}

// How many rules of how many events had nothing to do.
struct Saved {
  std::size_t rules = 0, of = 0;
};

// Cut into batches of any length, each folded as the runner does it: only what lasts.
std::string in_batches(const View& view, const SeenLog& log, Random& random, Saved& saved) {
  store::ViewRows rows(view.table);
  const auto& events = log.events();
  for (std::size_t begin = 0; begin < events.size();) {
    const std::size_t end = std::min(events.size(), begin + 1 + random.below(20));
    std::vector<ViewEventPtr> batch;
    for (std::size_t i = begin; i < end; ++i)
      batch.push_back(told(events[i].saga, events[i].place.position, events[i].type));
    const std::vector<Wanted> wanted = lasting(view, batch);
    std::vector<store::RowChange> changes;
    for (; begin < end; ++begin) {
      const Wanted lasts = wanted[wanted.size() - (end - begin)];
      for (const std::size_t rule : view.rules_of(events[begin].type)) {
        ++saved.of;
        saved.rules += !lasts.rule(view.rules[rule]);
      }
      auto made = fold(view, events[begin].shown(), lasts);
      REQUIRE_MESSAGE(made.has_value(), made.error().message);
      std::move(made->begin(), made->end(), std::back_inserter(changes));
    }
    for (const auto& change : store::netted(view.table, std::move(changes))) rows.merge(change);
  }
  return table_text(view, rows);
}

// All rules have the same key, a column that is the saga or what stands for it.
bool has_a_row_per_saga(const View& view) {
  return view.ordered && view.table.key_columns() == 1 &&
         std::all_of(view.rules.begin(), view.rules.end(), [&](const Rule& rule) {
           return rule.key[0].references() == view.rules[0].key[0].references();
         });
}

core::Fact random_fact(Random& random, const std::string& step) {
  const core::Problem problem = core::make_problem("timeout", "No answer in time");
  core::AttemptFailed failed;
  failed.step = step;
  failed.error = problem;
  core::CompensationStarted undo;
  undo.error = problem;
  switch (random.below(10)) {
    case 0: return failed;
    case 1: return core::StepWaiting{step, "circuit-open", std::nullopt};
    case 2: return core::StepSucceeded{step, 1, Json("done"), std::nullopt};
    case 3: return core::SagaStuck{step, core::Operation::Action, problem};
    case 4: return core::SagaPaused{"ann", ""};
    case 5: return core::SagaResumed{"ann", ""};
    case 6: return undo;
    case 7: return ended("completed");
    case 8: return ended("cancelled", "done");
    default: return core::StepRequested{step, "http", {}};
  }
}

// All that the built-in views tell of, in any order.
void tell_lives(Random& random, SeenLog& log) {
  const auto& saga = log.define("saga: one\nsteps: [{ id: pay, set: {} }, { id: ship, set: {} }]\n");
  std::vector<SagaId> sagas;
  for (std::size_t i = 0; i < kEvents; ++i) {
    if (i % 10 == 0) {
      sagas.push_back(log.begin(saga, static_cast<std::uint16_t>(random.below(3))));
      log.tell(sagas.back(), started(Json::Object()));
    } else {
      log.tell(sagas[random.below(sagas.size())], random_fact(random, random.below(2) == 0 ? "pay" : "ship"));
    }
  }
}

}  // namespace

TEST_CASE("lasting: of random views and logs nothing is missed that a later event does not overwrite") {
  constexpr std::size_t kViews = 400;
  std::size_t tried = 0, rows = 0;
  Saved saved;
  for (std::uint64_t seed = skald::testing::first_seed(); tried < kViews; ++seed) {
    INFO("SKALD_SEED=", seed, " test_views -tc='lasting: of random*'");
    Random random(seed);
    const std::string text = random_view(random);
    INFO(text);
    View view = view_of(text);
    if (!has_a_row_per_saga(view)) continue;
    ++tried;
    view.skips_overwritten = true;
    SeenLog log;
    tell_random_log(random, log, kEvents);
    const std::string expected = table_of(view, log);
    REQUIRE(in_batches(view, log, random, saved) == expected);
    rows += static_cast<std::size_t>(std::count(expected.begin(), expected.end(), '\n'));
  }
  CHECK(rows > kViews);
  CHECK(saved.rules > saved.of / 20);  // else there was nothing to miss
}

TEST_CASE(
    "lasting: no value of a built-in view ever fails, and the rows are those of every event by itself") {
  Saved saved;
  for (std::uint64_t seed = skald::testing::first_seed(); seed < skald::testing::first_seed() + 200; ++seed) {
    INFO("SKALD_SEED=", seed, " test_views -tc='lasting: no value*'");
    Random random(seed);
    SeenLog log;
    tell_lives(random, log);
    for (const View& view : builtin_views()) {
      CHECK(view.skips_overwritten);
      REQUIRE(in_batches(view, log, random, saved) == table_of(view, log));
    }
  }
  CHECK(saved.rules > saved.of / 4);
}

TEST_CASE("lasting: a view of a user is computed whole, since any of its values may stop it") {
  const View view = view_of(R"(
view: mine
key: { id: "${ .saga.id }" }
columns: { id: uuid, amount: integer }
rules:
  - { event: StepSucceeded, set: { amount: "${ .event.output.amount }" } }
)");
  SeenLog log;
  const SagaId id = log.begin(log.define("saga: one\nsteps: [{ id: pay, set: {} }]\n"), 0);
  const std::vector<ViewEventPtr> batch = {told(id, {id.partition(), 1}, "StepSucceeded"),
                                           told(id, {id.partition(), 2}, "StepSucceeded")};
  for (const Wanted& wanted : lasting(view, batch)) CHECK(wanted.rule(view.rules[0]));
}

}  // namespace skald::views::testing
