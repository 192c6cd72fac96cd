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
    state.definition_version = e.version;
    state.business_key = e.business_key;
    state.start_key = e.start_key;
    state.request_hash = e.request_hash;
    state.input = e.input;
    state.by = e.by;
    state.parent = e.parent;
    state.cause = e.cause;
    state.started_at = time;
  }
  void operator()(const StepRequested& e) {
    change(e.step, [&](StepState& step) {
      if (step.requested_version == 0) step.requested_version = state.version;
      step.forward = Forward::Open;
      step.kind = e.kind;
      step.request = e.request;
      step.action = Attempts{};
      step.action.requested_at = step.action.next_at = time;
    });
    (is_container(e.kind) ? state.open_containers : state.open).set(e.step, {});
  }
  void operator()(const StepAccepted& e) {
    change(e.step, [&](StepState& step) {
      Attempts& attempts = e.operation == Operation::Action ? step.action : step.undo;
      attempts.location = e.location;
      attempts.next_at = time + poll_interval(time - attempts.requested_at, std::nullopt);
    });
  }
  void operator()(const StepWaiting& e) {
    change(e.step, [&](StepState& step) {
      step.waiting = e.reason;
      step.until = e.until;
    });
  }
  void operator()(const AttemptFailed& e) {
    change(e.step, [&](StepState& step) {
      const bool action = e.operation == Operation::Action;
      Attempts& attempts = action ? step.action : step.undo;
      attempts.failed = e.attempt;
      attempts.last_error = e.error;
      attempts.last_possibly_done = e.possibly_done;
      attempts.next_at = e.retry_at;
      attempts.location.clear();
      if (action) step.possibly_done |= e.possibly_done;
    });
  }
  void operator()(const StepSucceeded& e) {
    close(e.step, Forward::Succeeded, [&](StepState& step) {
      step.attempts = e.attempts;
      step.output = e.output;
    });
    if (e.takes) state.kept.erase(*e.takes);
  }
  void operator()(const StepFailed& e) {
    close(e.step, Forward::Failed, [&](StepState& step) {
      step.attempts = e.attempts;
      step.possibly_done |= e.possibly_done;
      step.error = e.error;
    });
  }
  // Forwards it counts as done; of an undo, as not done, which a person has taken upon himself.
  void operator()(const StepSkipped& e) {
    const StepState* known = state.find_step(e.step);
    if (known && known->backward != Backward::None)
      return close_undo(e.step, Backward::Skipped, [](StepState&) {});
    close(e.step, Forward::Skipped, [&](StepState& step) { step.output = e.output; });
  }
  void operator()(const EventReceived& e) {
    state.kept.set(state.version, {e, time});
    if (!e.id.empty()) state.received.set(e.source + ' ' + e.id, {});
  }
  void operator()(const CompensationStarted& e) {
    state.phase = Phase::Compensating;
    state.error = e.error;
    state.compensation_version = state.version;
    state.after_completion = e.after_completion;
    state.cancelled_by = e.by;
    state.kept.clear();
    state.memo.undo = {};
    state.stuck.reset();
    state.ended.reset();
    state.ended_at.reset();
  }
  void operator()(const CompensationRequested& e) {
    change(e.step, [&](StepState& step) {
      step.backward = Backward::Open;
      step.undo_request = e.request;
      step.undo = Attempts{};
      step.undo.requested_at = step.undo.next_at = time;
    });
    state.open.set(e.step, {});
  }
  void operator()(const StepCompensated& e) {
    close_undo(e.step, Backward::Undone, [](StepState&) {});
  }
  void operator()(const CompensationFailed& e) {
    close_undo(e.step, Backward::Failed, [&](StepState& step) { step.error = e.error; });
  }
  void operator()(const SagaStuck& e) {
    state.phase = Phase::Stuck;
    state.stuck = e;
    state.stuck_since = time;
    // While an undo runs, its cause stays what the saga failed of.
    if (state.compensation_version == 0) state.error = e.error;
  }
  void operator()(const RetryRequested& e) {
    unstick(e.step);
    const StepState* known = state.find_step(e.step);
    if (!known) return;
    const std::string kind = known->kind;
    const bool undo = known->operation() == Operation::Compensate;
    const bool failed = undo ? known->backward == Backward::Failed : known->forward == Forward::Failed;
    change(e.step, [&](StepState& step) {
      Attempts& attempts = undo ? step.undo : step.action;
      if (failed) attempts = Attempts{};
      if (failed) attempts.requested_at = time;
      attempts.next_at = time;
      step.error.reset();
      if (undo) {
        step.backward = Backward::Open;
      } else {
        step.forward = Forward::Open;
        step.closed_version = 0;
        step.ended_at.reset();
      }
    });
    if (kind.empty()) return;  // its request could not be written: it comes anew
    (!undo && is_container(kind) ? state.open_containers : state.open).set(e.step, {});
  }
  void operator()(const SagaPaused&) {
    state.paused = true;
    state.paused_since = time;
  }
  void operator()(const SagaResumed&) { state.paused = false; }
  void operator()(const SagaEnded& e) {
    state.phase = Phase::Ended;
    state.ended = e;
    state.ended_at = time;
    state.output = e.output;
    state.open.clear();
    state.open_containers.clear();
    state.noted.clear();
    state.kept.clear();
    state.memo = {};
    state.paused = false;
    state.stuck.reset();
  }

 private:
  // Whatever is said of a step ends its note, and its waiting unless it is said again.
  template <class Change>
  void change(const StepPath& path, Change change) {
    state.noted.erase(path);
    state.steps.update(path, [&](StepState& step) {
      step.waiting.clear();
      step.until.reset();
      change(step);
    });
  }
  template <class Change>
  void close(const StepPath& path, Forward outcome, Change and_change) {
    change(path, [&](StepState& step) {
      // A step that is closed without a request begins here.
      if (step.requested_version == 0) step.requested_version = state.version;
      step.forward = outcome;
      step.closed_version = state.version;
      step.ended_at = time;
      and_change(step);
    });
    state.open.erase(path);
    state.open_containers.erase(path);
    // A failed step is what the saga may be stuck with.
    if (outcome != Forward::Failed) unstick(path);
  }
  template <class Change>
  void close_undo(const StepPath& path, Backward outcome, Change and_change) {
    change(path, [&](StepState& step) {
      step.backward = outcome;
      and_change(step);
    });
    state.open.erase(path);
    if (outcome != Backward::Failed) unstick(path);
  }
  // The saga goes on, if that step is what it was stuck with.
  void unstick(const StepPath& path) {
    if (state.phase != Phase::Stuck || !state.stuck || state.stuck->step != path) return;
    state.stuck.reset();
    state.phase = state.is_undoing() ? Phase::Compensating : Phase::Forward;
    if (!state.is_undoing()) state.error.reset();
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
  if (state.open.contains(progress.step)) state.noted.set(progress.step, progress);
  return state;
}

State recorded(State state) {
  state.noted.clear();
  return state;
}

}  // namespace skald::core
