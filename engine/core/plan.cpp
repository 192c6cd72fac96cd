#include "engine/core/plan.hpp"

#include "engine/base/check.hpp"
#include "engine/core/attempt.hpp"
#include "engine/core/deadline.hpp"
#include "engine/core/path.hpp"
#include "engine/core/pivot.hpp"
#include "engine/core/render.hpp"
#include "engine/core/retry.hpp"

namespace skald::core {
namespace {

// What one operation under way asks of the shell.
class Outstanding {
 public:
  Outstanding(const Definition& definition, const State& state, const StepPath& path)
      : definition_(definition), state_(state), path_(path), step_(*state.find_step(path)) {}

  std::optional<Command> command() const {
    const Operation operation = step_.operation();
    if (operation == Operation::Action && (step_.kind == "wait" || step_.kind == "waitFor")) return wake();
    const RequestSummary& request = operation == Operation::Action ? step_.request : step_.undo_request;
    if (request.child) return child(operation, *request.child);
    const Call call = call_of(definition_, state_, path_);
    if (!request.event.empty()) return deliver(operation);
    if (state_.paused) return KeepAwaiting{path_, operation, call.attempts.current()};
    // With the undo begun an action is not sent again; its answer, if one is on its way, still counts.
    if (operation == Operation::Action && state_.is_undoing())
      return AwaitAnswer{path_, operation, call.attempts.current()};
    if (call.attempts.polling()) return poll(call);
    return request.queue.empty() ? call_service(call) : offer(call);
  }

 private:
  std::optional<Command> wake() const {
    if (state_.paused || !step_.until) return std::nullopt;
    return WakeAt{path_, *step_.until};
  }
  std::optional<Command> child(Operation operation, const SagaId& child) const {
    const bool goes_back = operation == Operation::Compensate && step_.request.child == child;
    if (goes_back || (operation == Operation::Action && state_.is_undoing()))
      return UndoChild{path_, operation, child};
    return RunChild{path_, operation, child};
  }
  std::optional<Command> deliver(Operation operation) const {
    if (state_.paused) return std::nullopt;
    return DeliverEvent{path_, operation};
  }
  Command poll(const Call& call) const {
    const Attempts& attempts = call.attempts;
    const auto end = polls_until(state_, call);
    // A poll that could not be answered in time is not made.
    if (end && attempts.next_at >= *end) return WakeAt{path_, *end};
    return PollLocation{path_, call.operation, attempts.current(), attempts.location, attempts.next_at, end};
  }
  std::optional<Timestamp> end_of(const Call& call) const {
    if (call.operation == Operation::Action && is_unknown_pivot(call.step, state_)) return std::nullopt;
    return give_up_at(call.effort(), call.attempts.requested_at);
  }
  Command call_service(const Call& call) const {
    return CallService{
        path_,       call.operation, call.attempts.current(), call.attempts.next_at, call.effort().timeout,
        end_of(call)};
  }
  Command offer(const Call& call) const {
    return OfferTask{path_,
                     call.operation,
                     call.attempts.current(),
                     std::get<TaskAction>(action_of(definition_, path_, call.operation)).queue,
                     call.attempts.next_at,
                     call.effort().timeout,
                     end_of(call)};
  }

  const Definition& definition_;
  const State& state_;
  const StepPath& path_;
  const StepState& step_;
};

std::optional<Command> wake_at_deadline(const Definition& definition, const State& state) {
  const auto deadline = deadline_of(definition, state);
  if (!deadline) return std::nullopt;
  return WakeAt{{}, *deadline};
}

// A command follows from its step, and from whether the saga is paused or goes back.
struct ChangedBy {
  Replan& replan;

  void operator()(const SagaStarted&) { replan.everything = true; }
  void operator()(const CompensationStarted&) { replan.everything = true; }
  void operator()(const SagaPaused&) { replan.everything = true; }
  void operator()(const SagaResumed&) { replan.everything = true; }
  void operator()(const SagaEnded&) { replan.everything = true; }
  void operator()(const EventReceived&) {}
  void operator()(const auto& of_a_step) { replan.steps.push_back(of_a_step.step); }
};

}  // namespace

std::optional<Command> command_of(const Definition& definition, const State& state, const StepPath& step) {
  if (step.empty()) return wake_at_deadline(definition, state);
  if (!state.open.contains(step)) return std::nullopt;
  return Outstanding(definition, state, step).command();
}

std::vector<Command> plan(const Definition& definition, const State& state) {
  std::vector<Command> commands;
  for (const auto& [path, nothing] : state.open)
    if (auto command = Outstanding(definition, state, path).command())
      commands.push_back(std::move(*command));
  if (auto deadline = wake_at_deadline(definition, state)) commands.push_back(std::move(*deadline));
  return commands;
}

void Replan::after(const Decision& decision) {
  for (const Event& event : decision.events) std::visit(ChangedBy{*this}, event.fact);
  if (decision.progress) steps.push_back(decision.progress->step);
}

}  // namespace skald::core
