#include "engine/core/failure.hpp"

#include <utility>

#include "engine/base/check.hpp"
#include "engine/core/attempt.hpp"
#include "engine/core/path.hpp"
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

const Step& step_of(const Story& story, const StepPath& path) {
  const Step* step = story.definition().find_step(id_of(path));
  CHECK_THAT(step != nullptr, "a step that is under way is one of its definition");
  return *step;
}

// What the undo need not wait for: nothing is in flight for it. A call that waits for a circuit may have left
// since: the log does not say when one closes, and the shell knows.
bool only_waits(const StepState& step, const Attempts& attempts, Timestamp now) {
  if (step.kind == "wait" || step.kind == "waitFor") return true;
  if (step.kind != "http" && step.kind != "task") return false;
  return attempts.polling() || now < attempts.next_at;
}

void give_up_waiting(Story& story, const Problem& cause) {
  const auto open = story.state().open;
  for (const auto& [path, nothing] : open) {
    const Attempts attempts = story.state().attempts_of(path);
    const StepState& step = *story.state().find_step(path);
    if (!only_waits(step, attempts, story.now())) continue;
    give_up_step(story, path,
                 {cause, Reason::Refused, attempts_made(attempts, story.now()), attempts.polling()});
  }
  const auto containers = story.state().open_containers;
  for (const auto& [path, nothing] : containers)
    give_up_step(story, path, {cause, Reason::Refused, 0, false});
}

// The saga cannot go forward because of that step.
void fail_of(Story& story, const StepPath& path, Problem error, Reason reason, bool was_past_pivot) {
  error = in_step(std::move(error), path);
  if (is_stuck(story, step_of(story, path), reason, was_past_pivot))
    story.add(SagaStuck{path, Operation::Action, std::move(error)});
  else
    start_undo(story, std::move(error), "");
}

}  // namespace

void give_up_step(Story& story, const StepPath& path, GivenUp given_up) {
  const Step& step = step_of(story, path);
  const bool was_past_pivot = is_past_pivot(story.definition(), story.state());
  const StepState* known = story.state().find_step(path);
  const bool possibly_done = given_up.possibly_done || (known && known->possibly_done);
  story.add(StepFailed{path, given_up.attempts, given_up.error, possibly_done, step.optional});
  if (story.state().phase != Phase::Forward || step.optional) return;
  fail_of(story, path, std::move(given_up.error), given_up.reason, was_past_pivot);
}

void give_up_unasked(Story& story, const StepPath& path, const Error& error) {
  give_up_step(story, path,
               {make_problem(problem_type::kExpression, error.message), Reason::Refused, 0, false});
}

void follow_failure(Story& story, const StepPath& path) {
  const StepState& step = *story.state().find_step(path);
  const bool past_pivot = is_past_pivot(story.definition(), story.state());
  fail_of(story, path, step.error.value_or(Problem{}), Reason::Refused, past_pivot);
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
