#include "engine/core/evolve.hpp"

#include <doctest/doctest.h>

#include "engine/base/random.hpp"
#include "engine/core/decide.hpp"

namespace skald::core {
namespace {

constexpr std::uint64_t kSeed = 1;

Fact random_fact(Random& random) {
  const StepPath step(1, static_cast<char>('a' + random.below(3)));
  const auto operation = static_cast<Operation>(random.below(2));
  switch (random.below(13)) {
    case 0: return SagaStarted{};
    case 1: return StepRequested{step, "http", {}};
    case 2: return StepAccepted{step, operation, "/jobs"};
    case 3: return AttemptFailed{step, operation, 1, Problem(), true, {}};
    case 4: return StepSucceeded{step, 1, Json()};
    case 5: return StepFailed{step, 1, Problem(), false, false};
    case 6: return StepSkipped{step, "if", Json(), ""};
    case 7: return CompensationStarted{Problem(), "", false};
    case 8: return CompensationRequested{step, "http", {}};
    case 9: return StepCompensated{step, 1, Json(), true, 200};
    case 10: return CompensationFailed{step, 1, Problem()};
    case 11: return SagaStuck{step, operation, Problem()};
    default: return SagaEnded{"completed", "none", Json(), std::nullopt, ""};
  }
}

Event at(std::int64_t second, Fact fact) {
  return {Timestamp{second * 1'000'000}, std::move(fact)};
}

}  // namespace

TEST_CASE("evolve: any event in any order is folded, and counts one") {
  INFO("seed ", kSeed);
  Random random(kSeed);
  State state;
  for (std::int32_t i = 1; i <= 20'000; ++i) {
    state = evolve(std::move(state), at(i, random_fact(random)));
    REQUIRE(state.version == i);
    for (const auto& [path, nothing] : state.open) REQUIRE(state.find_step(path) != nullptr);
  }
  CHECK(state.steps.size() == 3);
}

TEST_CASE("evolve: progress is noted beside the recorded attempts, and stripped by recorded()") {
  State state = evolve(State(), at(1, StepRequested{"a", "http", {}}));
  Attempts further;
  further.failed = 7;
  const State noted = note(state, {"a", Operation::Action, further});
  CHECK(noted.attempts_of("a").failed == 7);
  CHECK(noted.find_step("a")->action.failed == 0);
  CHECK(recorded(noted) == state);
  CHECK(evolve(noted, at(2, StepSucceeded{"a", 8, Json(), std::nullopt})).noted.empty());
  CHECK(note(state, {"b", Operation::Action, further}) == state);
}

TEST_CASE("evolve: status and undo are told by the phase") {
  State state;
  const auto fold = [&](Fact fact) {
    state = evolve(std::move(state), at(1, std::move(fact)));
    return status_of(state) + "/" + undo_of(state);
  };
  CHECK(fold(SagaStarted{}) == "running/none");
  CHECK(fold(SagaStuck{"a", Operation::Action, Problem()}) == "stuck/none");
  CHECK(fold(CompensationStarted{Problem(), "", false}) == "compensating/running");
  CHECK(fold(SagaStuck{"a", Operation::Compensate, Problem()}) == "stuck/failed");
  CHECK(fold(SagaEnded{"failed", "partial", Json(), std::nullopt, ""}) == "failed/partial");
}

}  // namespace skald::core
