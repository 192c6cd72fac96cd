#include "engine/core/evolve.hpp"

#include <utility>

#include "engine/core/polling.hpp"

namespace skald::core {
namespace {

// Folds one fact into the state. Each overload says what one kind of event means; an event that names a step
// nobody requested makes that step known, so that the fold is total.
struct Fold {
  State& state;
  Timestamp time;

  void operator()(const SagaStarted& e) {
    state.phase = Phase::Forward;
    state.definition = e.definition;
    state.business_key = e.business_key;
    state.start_key = e.start_key;
    state.request_hash = e.request_hash;
    state.input = e.input;
    state.by = e.by;
    state.started_at = time;
  }
  void operator()(const StepRequested& e) {
    StepState& step = reach(e.step);
    step.forward = Forward::Open;
    step.action.requested_at = step.action.next_at = time;
    state.open.insert(e.step);
  }
  void operator()(const StepAccepted& e) {
    Attempts& attempts = attempts_of(e.step, e.operation);
    attempts.location = e.location;
    attempts.next_at = time + poll_interval(time - attempts.requested_at, std::nullopt);
  }
  void operator()(const AttemptFailed& e) {
    Attempts& attempts = attempts_of(e.step, e.operation);
    attempts.failed = e.attempt;
    attempts.last_error = e.error;
    attempts.last_possibly_done = e.possibly_done;
    attempts.next_at = e.retry_at;
    attempts.location.clear();
    if (e.operation == Operation::Action) state.steps[e.step].possibly_done |= e.possibly_done;
  }
  void operator()(const StepSucceeded& e) {
    StepState& step = close(e.step, Forward::Succeeded);
    step.attempts = e.attempts;
    step.output = e.output;
  }
  void operator()(const StepFailed& e) {
    StepState& step = close(e.step, Forward::Failed);
    step.attempts = e.attempts;
    step.possibly_done |= e.possibly_done;
    step.error = e.error;
  }
  void operator()(const StepSkipped& e) { close(e.step, Forward::Skipped).output = e.output; }
  void operator()(const CompensationStarted& e) {
    state.phase = Phase::Compensating;
    state.error = e.error;
    state.compensation_version = state.version;
    state.after_completion = e.after_completion;
    state.cancelled_by = e.by;
    state.stuck.reset();
    state.ended.reset();
    state.ended_at.reset();
  }
  void operator()(const CompensationRequested& e) {
    StepState& step = touch(e.step);
    step.backward = Backward::Open;
    step.undo.requested_at = step.undo.next_at = time;
    state.open.insert(e.step);
  }
  void operator()(const StepCompensated& e) { close_undo(e.step, Backward::Undone); }
  void operator()(const CompensationFailed& e) { close_undo(e.step, Backward::Failed).error = e.error; }
  void operator()(const SagaStuck& e) {
    state.phase = Phase::Stuck;
    state.stuck = e;
    // While an undo runs, its cause stays what the saga failed of.
    if (state.compensation_version == 0) state.error = e.error;
  }
  void operator()(const SagaEnded& e) {
    state.phase = Phase::Ended;
    state.ended = e;
    state.ended_at = time;
    state.output = e.output;
    state.open.clear();
    state.noted.clear();
    state.stuck.reset();
  }

 private:
  StepState& touch(const StepPath& path) {
    state.noted.erase(path);
    return state.steps[path];
  }
  // The step begins here, if it did not before.
  StepState& reach(const StepPath& path) {
    const bool known = state.steps.contains(path);
    StepState& step = touch(path);
    if (known) return step;
    ++state.next_step;
    step.requested_version = state.version;
    return step;
  }
  StepState& close(const StepPath& path, Forward outcome) {
    StepState& step = reach(path);
    step.forward = outcome;
    step.closed_version = state.version;
    step.ended_at = time;
    state.open.erase(path);
    return step;
  }
  StepState& close_undo(const StepPath& path, Backward outcome) {
    StepState& step = touch(path);
    step.backward = outcome;
    state.open.erase(path);
    return step;
  }
  Attempts& attempts_of(const StepPath& path, Operation operation) {
    StepState& step = touch(path);
    return operation == Operation::Action ? step.action : step.undo;
  }
};

}  // namespace

State evolve(State state, const Event& event) {
  ++state.version;
  state.updated_at = event.time;
  std::visit(Fold{state, event.time}, event.fact);
  return state;
}

State note(State state, const Progress& progress) {
  if (state.open.contains(progress.step)) state.noted[progress.step] = progress;
  return state;
}

State recorded(State state) {
  state.noted.clear();
  return state;
}

}  // namespace skald::core
