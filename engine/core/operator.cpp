#include "engine/core/operator.hpp"

#include "engine/core/begin.hpp"
#include "engine/core/compensation.hpp"
#include "engine/core/failure.hpp"
#include "engine/core/path.hpp"
#include "engine/core/pivot.hpp"

namespace skald::core {
namespace {

Result<void> must_run(const State& state) {
  if (state.phase == Phase::NotStarted) return conflict("the saga has not started");
  if (state.phase == Phase::Ended) return conflict("the saga has ended: it is " + status_of(state));
  return {};
}

bool waits_for_retry(const Story& story, const StepPath& path) {
  if (!story.state().open.contains(path)) return false;
  const Attempts& attempts = story.state().attempts_of(path);
  return attempts.failed > 0 && !attempts.polling() && story.now() < attempts.next_at;
}

bool is_stuck_with(const State& state, const StepPath& path) {
  return state.phase == Phase::Stuck && state.stuck && state.stuck->step == path;
}

// The only step that waits for its next attempt, where nobody named one.
std::optional<StepPath> step_in_retry_wait(const Story& story) {
  std::optional<StepPath> found;
  for (const auto& [path, nothing] : story.state().open) {
    if (!waits_for_retry(story, path)) continue;
    if (found) return std::nullopt;
    found = path;
  }
  return found;
}

// An undo that a person takes upon himself, or did by other means.
void skip_undo(Story& story, const OperatorSkip& asked) {
  const StepState& step = *story.state().find_step(asked.step);
  if (!asked.done) return story.add(StepSkipped{asked.step, "operator", asked.output, asked.by});
  finish_undo(story, asked.step, step.undo.failed, asked.output);
}

std::string undo_when_terminated(const Story& story) {
  bool left = false, undone = false;
  for (const auto& [path, step] : story.state().steps) {
    const Step* declared = story.definition().find_step(id_of(path));
    undone = undone || step.backward == Backward::Undone;
    const bool may_be_done = step.done_or_possibly_done() || step.forward == Forward::Open;
    left = left || (declared && has_undo(*declared) && may_be_done && step.backward != Backward::Undone);
  }
  return left ? "partial" : undone ? "done" : "none";
}

}  // namespace

Result<void> retry(Story& story, const OperatorRetry& asked) {
  if (auto running = must_run(story.state()); !running) return running;
  StepPath path = asked.step;
  if (path.empty() && story.state().phase == Phase::Stuck)
    path = story.state().stuck->step;
  else if (path.empty())
    path = step_in_retry_wait(story).value_or("");
  const bool stuck = is_stuck_with(story.state(), path);
  if (!stuck && !waits_for_retry(story, path))
    return conflict(path.empty() ? "no single step is stuck or waits for its next attempt: name one"
                                 : "the step '" + path + "' is neither stuck nor waits for its next attempt");
  story.add(RetryRequested{path, asked.by, asked.reason});
  story.look_everywhere();
  const Step* step = story.definition().find_step(id_of(path));
  if (!stuck || !step) return {};
  const StepState& known = *story.state().find_step(path);
  if (known.operation() == Operation::Action)
    begin_again(story, path, *step);
  else if (known.undo_request == RequestSummary{})  // it could not be written: nothing was asked for yet
    request_declared_undo(story, path);
  return {};
}

Result<void> skip(Story& story, const OperatorSkip& asked) {
  if (auto running = must_run(story.state()); !running) return running;
  const StepState* step = story.state().find_step(asked.step);
  const bool stuck = step && is_stuck_with(story.state(), asked.step);
  if (!stuck && !waits_for_retry(story, asked.step))
    return conflict("the step '" + asked.step + "' is neither stuck nor waits for its next attempt");
  story.look_everywhere();
  if (step->operation() == Operation::Compensate)
    skip_undo(story, asked);
  else
    story.add(StepSkipped{asked.step, "operator", asked.output, asked.by});
  return {};
}

Result<void> undo(Story& story, const OperatorUndo& asked) {
  const State& state = story.state();
  if (auto running = must_run(state); !running) return running;
  if (state.is_undoing()) return conflict("the saga is being undone already");
  if (is_past_pivot(story.definition(), state)) return no_way_back(story.definition());
  Problem cause = state.error.value_or(make_problem(problem_type::kCancelled, asked.reason));
  cause.by = asked.by;
  start_undo(story, std::move(cause), asked.by);
  return {};
}

Result<void> pause(Story& story, const OperatorPause& asked) {
  if (auto running = must_run(story.state()); !running) return running;
  if (!story.state().paused) story.add(SagaPaused{asked.by, asked.reason});
  return {};
}

Result<void> resume(Story& story, const OperatorResume& asked) {
  if (auto running = must_run(story.state()); !running) return running;
  if (!story.state().paused) return conflict("the saga is not paused");
  story.add(SagaResumed{asked.by, asked.reason});
  story.look_everywhere();
  return {};
}

Result<void> terminate(Story& story, const OperatorTerminate& asked) {
  if (auto running = must_run(story.state()); !running) return running;
  Problem error = make_problem(problem_type::kTerminated, asked.reason);
  error.by = asked.by;
  story.add(SagaEnded{"failed", undo_when_terminated(story), Json(), std::move(error), asked.by});
  return {};
}

}  // namespace skald::core
