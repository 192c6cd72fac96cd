#include "engine/core/unstorable.hpp"

#include "engine/core/attempt.hpp"

namespace skald::core {

void get_stuck_unstorable(Story& story, const AppendRefused& refusal) {
  const State& state = story.state();
  if (state.phase != Phase::Forward && state.phase != Phase::Compensating) return;
  const Problem error = make_problem(problem_type::kUnstorable, refusal.why);
  const Operation operation = state.phase == Phase::Forward ? Operation::Action : Operation::Compensate;
  const auto open = state.open;
  for (const auto& [path, nothing] : open) {
    const Call call = call_of(story.definition(), story.state(), path);
    const std::uint32_t attempts = attempts_made(call.attempts, story.now());
    // Its answer may be the very thing that could not be kept.
    if (call.operation == Operation::Action)
      story.add(StepFailed{path, attempts, error, true, call.step.optional});
    else
      story.add(CompensationFailed{path, attempts, error});
  }
  story.add(SagaStuck{open.empty() ? StepPath() : open.begin()->first, operation, error});
}

}  // namespace skald::core
