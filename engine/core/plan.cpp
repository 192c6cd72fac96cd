#include "engine/core/plan.hpp"

#include "engine/core/attempt.hpp"
#include "engine/core/deadline.hpp"
#include "engine/core/pivot.hpp"
#include "engine/core/retry.hpp"

namespace skald::core {
namespace {

Command poll(const State& state, const Call& call) {
  const Attempts& attempts = call.attempts;
  const auto end = polls_until(state, call);
  // A poll that could not be answered in time is not made.
  if (end && attempts.next_at >= *end) return WakeAt{*end};
  return PollLocation{call.step.id,      call.operation,   attempts.current(),
                      attempts.location, attempts.next_at, end};
}

Command call_service(const State& state, const Call& call) {
  const Attempts& attempts = call.attempts;
  const Effort& effort = call.effort();
  const bool without_end = call.operation == Operation::Action && is_unknown_pivot(call.step, state);
  return CallService{
      call.step.id,       call.operation,
      attempts.current(), attempts.next_at,
      effort.timeout,     without_end ? std::nullopt : give_up_at(effort, attempts.requested_at)};
}

Command outstanding(const State& state, const Call& call) {
  // With the undo begun an action is not sent again; its answer, if one is on its way, still counts.
  if (call.operation == Operation::Action && state.phase != Phase::Forward)
    return AwaitAnswer{call.step.id, call.operation, call.attempts.current()};
  return call.attempts.polling() ? poll(state, call) : call_service(state, call);
}

}  // namespace

std::vector<Command> plan(const Definition& definition, const State& state) {
  std::vector<Command> commands;
  for (const StepPath& path : state.open)
    commands.push_back(outstanding(state, call_of(definition, state, path)));
  if (const auto deadline = deadline_of(definition, state)) commands.push_back(WakeAt{*deadline});
  return commands;
}

}  // namespace skald::core
