#include "engine/core/failure.hpp"

#include <utility>

#include "engine/core/attempt.hpp"
#include "engine/core/pivot.hpp"

namespace skald::core {
namespace {

// Whether a person has to decide, because the way back is closed or the definition wants it so.
bool is_stuck(const Story& story, const Step& step, Reason reason, bool was_past_pivot) {
  const bool wants_undo = step.effort.retry.on_exhausted == OnExhausted::Compensate;
  if (reason == Reason::Exhausted && !wants_undo) return true;
  if (!was_past_pivot) return false;
  // A pivot that was refused has not closed the way back.
  if (step.pivot) return reason == Reason::Unusable;
  // Behind the pivot the definition must say twice that it wants the undo all the same.
  return !(reason == Reason::Exhausted && story.definition().cancel_until == CancelUntil::Forever);
}

// The cause names the step it happened in.
Problem in_step(Problem error, const StepPath& step) {
  error.step = step;
  return error;
}

bool waits(const Attempts& attempts, Timestamp now) {
  return attempts.polling() || now < attempts.next_at;
}

void give_up_waiting(Story& story, const Problem& cause) {
  const std::set<StepPath> open = story.state().open;
  for (const StepPath& path : open) {
    const Step* step = story.definition().find_step(path);
    const Attempts& attempts = story.state().attempts_of(path);
    if (!step || !waits(attempts, story.now())) continue;
    give_up_step(story, *step,
                 {cause, Reason::Refused, attempts_made(attempts, story.now()), attempts.polling()});
  }
}

}  // namespace

void give_up_step(Story& story, const Step& step, GivenUp given_up) {
  const bool was_past_pivot = is_past_pivot(story.definition(), story.state());
  const StepState* known = story.state().find_step(step.id);
  const bool possibly_done = given_up.possibly_done || (known && known->possibly_done);
  story.add(StepFailed{step.id, given_up.attempts, given_up.error, possibly_done, step.optional});
  if (story.state().phase != Phase::Forward || step.optional) return;
  Problem error = in_step(std::move(given_up.error), step.id);
  if (is_stuck(story, step, given_up.reason, was_past_pivot))
    story.add(SagaStuck{step.id, Operation::Action, std::move(error)});
  else
    start_undo(story, std::move(error), "");
}

void give_up_undo(Story& story, const StepPath& step, std::uint32_t attempts, const Problem& error) {
  Problem failed = make_problem(problem_type::kCompensationFailed, error.title + ": " + error.detail);
  failed.status = error.status;
  failed.step = step;
  story.add(CompensationFailed{step, attempts, failed});
  if (story.definition().on_undo_failure == OnUndoFailure::Stuck)
    story.add(SagaStuck{step, Operation::Compensate, std::move(failed)});
}

void fail_saga(Story& story, Problem error) {
  if (is_past_pivot(story.definition(), story.state()))
    story.add(SagaStuck{"", Operation::Action, std::move(error)});
  else
    start_undo(story, std::move(error), "");
}

void start_undo(Story& story, Problem cause, std::string by) {
  const bool after_completion = story.state().phase == Phase::Ended;
  story.add(CompensationStarted{cause, std::move(by), after_completion});
  give_up_waiting(story, cause);
}

}  // namespace skald::core
