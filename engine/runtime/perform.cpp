// Commands: what the state asks for is begun once, what it no longer asks for is dropped, what has come back
// is reported.
#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/base/failpoint.hpp"
#include "engine/base/log.hpp"
#include "engine/core/plan.hpp"
#include "engine/runtime/lane.hpp"
#include "engine/runtime/request.hpp"

namespace skald::runtime {
namespace {

// Which attempt of its step a command is about, if it is about one.
struct AttemptOf {
  using Attempt = std::optional<std::pair<core::Operation, std::uint32_t>>;
  Attempt operator()(const core::CallService& call) const { return {{call.operation, call.attempt}}; }
  Attempt operator()(const core::OfferTask& task) const { return {{task.operation, task.attempt}}; }
  Attempt operator()(const core::AwaitAnswer& wait) const { return {{wait.operation, wait.attempt}}; }
  Attempt operator()(const core::KeepAwaiting& wait) const { return {{wait.operation, wait.attempt}}; }
  Attempt operator()(const auto&) const { return std::nullopt; }
};

bool is_same_attempt(const core::Command& a, const core::Command& b) {
  const auto attempt = std::visit(AttemptOf{}, a);
  return attempt && attempt == std::visit(AttemptOf{}, b);
}

// A call that has left is the same attempt as the answer that is awaited of it. A worker keeps its task while
// the saga is paused, and loses it when the saga goes back.
bool covers(const Outstanding& outstanding, const core::Command& wanted) {
  if (outstanding.command == wanted) return true;
  if (!outstanding.sent || !is_same_attempt(outstanding.command, wanted)) return false;
  if (std::holds_alternative<core::KeepAwaiting>(wanted)) return true;
  return std::holds_alternative<core::AwaitAnswer>(wanted) &&
         std::holds_alternative<core::CallService>(outstanding.command);
}

// The state says that an answer is awaited, and nobody awaits it: either the call had not left yet, or who
// sent it is gone.
CallFault why_nobody_awaits(bool not_sent) {
  if (not_sent) return {core::CallFailure::NotSent, "it had not left yet"};
  FAILPOINT("open-attempt-found");
  return {core::CallFailure::ConnectionLost, "whoever awaited the answer is gone"};
}

// Those that the last decisions touched, and the saga as a whole; each once.
std::vector<core::StepPath> steps_to_look_at(LiveSaga& saga) {
  core::Replan replan = std::exchange(saga.replan, {});
  std::vector<core::StepPath> steps = std::move(replan.steps);
  if (replan.everything) {
    for (const auto& [step, nothing] : saga.state.open) steps.push_back(step);
    saga.outstanding.each([&](const Outstanding& one) { steps.push_back(step_of(one.command)); });
  }
  steps.emplace_back();
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  return steps;
}

// What came back, as an input of the core.
struct Report {
  CallResult result;
  bool sent_before;

  core::Input operator()(const core::CallService& call) { return of(call, false); }
  core::Input operator()(const core::PollLocation& poll) { return of(poll, true); }
  core::Input operator()(const core::AwaitAnswer& awaited) { return of(awaited, false); }
  core::Input operator()(const core::OfferTask& task) { return of(task, false); }
  // Of the others, nothing but the time comes this way.
  core::Input operator()(const auto&) { return core::TimePassed{}; }

 private:
  template <class Call>
  core::Input of(const Call& call, bool poll) {
    if (auto* answer = std::get_if<core::Answer>(&result))
      return core::CallAnswered{call.step, call.operation,     call.attempt,
                                poll,      std::move(*answer), sent_before};
    auto& fault = std::get<CallFault>(result);
    return core::CallFailed{call.step,     call.operation,          call.attempt, poll,
                            fault.failure, std::move(fault.detail), sent_before};
  }
};

}  // namespace

void Lane::perform(LiveSaga& saga) {
  std::vector<Next> to_begin;
  for (const core::StepPath& step : steps_to_look_at(saga))
    if (auto next = not_under_way(saga, step)) to_begin.push_back(std::move(*next));
  FAILPOINT("plan-made");
  if (draining_) return;
  for (Next& next : to_begin) begin(saga, std::move(next));
  send_due(saga);
}

// What is outstanding for the step and is not being performed. What is, and is not wanted any more, ends.
std::optional<Lane::Next> Lane::not_under_way(LiveSaga& saga, const core::StepPath& step) {
  auto wanted = core::command_of(*saga.definition, saga.state, step);
  const Outstanding* outstanding = saga.outstanding.of_step(step);
  if (outstanding && wanted && covers(*outstanding, *wanted)) return std::nullopt;
  auto earlier = Next::Earlier::None;
  if (outstanding) {
    if (wanted && is_same_attempt(outstanding->command, *wanted))
      earlier = outstanding->may_have_left() ? Next::Earlier::PerhapsSent : Next::Earlier::NotSent;
    drop(*outstanding);
    saga.outstanding.end(*outstanding);
  }
  if (!wanted) return std::nullopt;
  return Next{std::move(*wanted), earlier};
}

// Nothing waits for it any more, and no worker can take it.
void Lane::drop(const Outstanding& outstanding) {
  if (outstanding.timer != 0) parts_.timers.cancel(outstanding.timer);
  if (const auto* task = std::get_if<core::OfferTask>(&outstanding.command))
    board_.withdraw(task->queue, outstanding.ticket);
}

void Lane::begin(LiveSaga& saga, Next next) {
  Outstanding& outstanding = saga.outstanding.begin(std::move(next.command), ++last_ticket_);
  outstanding.sent_before = next.earlier == Next::Earlier::PerhapsSent;
  const core::Command& command = outstanding.command;
  if (const auto* call = std::get_if<core::CallService>(&command)) {
    wait_or_send(saga, outstanding, call->not_before);
  } else if (const auto* poll = std::get_if<core::PollLocation>(&command)) {
    wait_or_send(saga, outstanding, poll->not_before);
  } else if (const auto* wake = std::get_if<core::WakeAt>(&command)) {
    outstanding.timer = parts_.timers.at(
        wake->at, [this, id = saga.id, ticket = outstanding.ticket] { answered(id, ticket, CallFault{}); });
  } else if (const auto* task = std::get_if<core::OfferTask>(&command)) {
    offer_when_due(saga, outstanding, task->not_before);
  } else if (const auto* child = std::get_if<core::RunChild>(&command)) {
    run_child(saga, *child, outstanding.ticket);
  } else if (const auto* undo = std::get_if<core::UndoChild>(&command)) {
    undo_child(saga, *undo, outstanding.ticket);
  } else if (const auto* event = std::get_if<core::DeliverEvent>(&command)) {
    deliver(saga, *event, outstanding.ticket);
  } else if (std::holds_alternative<core::AwaitAnswer>(command)) {
    report_soon(saga.id, outstanding.ticket, why_nobody_awaits(next.earlier == Next::Earlier::NotSent));
  }
}

void Lane::wait_or_send(LiveSaga& saga, Outstanding& outstanding, Timestamp not_before) {
  if (not_before <= parts_.log.now()) return send(saga, outstanding);
  FAILPOINT("retry-timer-set");
  outstanding.timer = parts_.timers.at(
      not_before, [this, id = saga.id, ticket = outstanding.ticket] { send_later(id, ticket); });
}

// The saga may have gone on without this call, or have left.
void Lane::send_later(SagaId id, std::uint64_t ticket) {
  const auto found = live_.find(id);
  if (found == live_.end() || draining_) return;
  Outstanding* waiting = find_outstanding(*found->second, ticket);
  if (!waiting) return;
  FAILPOINT("retry-timer-fired");
  waiting->timer = 0;
  send(*found->second, *waiting);
}

void Lane::send_due(LiveSaga& saga) {
  if (draining_) return;
  for (const std::uint64_t ticket : std::exchange(saga.due, {}))
    if (Outstanding* outstanding = find_outstanding(saga, ticket)) send(saga, *outstanding);
}

void Lane::send_held() {
  for (const auto& [id, ticket] : std::exchange(held_, {})) send_later(id, ticket);
}

void Lane::send(LiveSaga& saga, Outstanding& outstanding) {
  // Behind those that came earlier.
  if (!gates_.empty())
    if (const auto gate = gates_.find(service_of(saga, outstanding)); gate != gates_.end())
      return wait_at_gate(saga, outstanding, gate->first, gate->second.closed);
  if (const auto closed = send_now(saga, outstanding))
    wait_at_gate(saga, outstanding, service_of(saga, outstanding), *closed);
}

// Where the gate of the service is closed, the call has not left.
std::optional<GateClosed> Lane::send_now(LiveSaga& saga, Outstanding& outstanding) {
  // What is just being written may take this call back (a cancel, the deadline): send_due() comes afterwards.
  if (saga.appending) {
    saga.due.push_back(outstanding.ticket);
    return std::nullopt;
  }
  // This process may have been stopped for a while, and its sagas may be somebody else's by now.
  if (!is_confirmed()) {
    held_.emplace_back(saga.id, outstanding.ticket);
    return std::nullopt;
  }
  const Result<OutgoingCall> call =
      outgoing_call(*saga.definition, saga.state, outstanding.command, parts_.secrets, parts_.log.now());
  if (!call) {
    log::warn("{} a request could not be written: {}", to_text(saga.id), call.error().message);
    report_soon(saga.id, outstanding.ticket, CallFault{core::CallFailure::NotSent, call.error().message});
    return std::nullopt;
  }
  FAILPOINT("before-call");
  const auto closed = parts_.services.call(*call, [this, id = saga.id, ticket = outstanding.ticket,
                                                   service = call->service](CallResult result) {
    FAILPOINT("call-answered");
    FAILPOINT_ERROR("call-answer-lost",
                    result = (CallFault{core::CallFailure::ConnectionLost, "a failpoint lost the answer"}));
    --in_flight_;
    parts_.metrics.calls_in_flight.Decrement();
    answered(id, ticket, std::move(result));
    open_gate(service);
    if (draining_ && in_flight_ == 0) drained();
  });
  if (closed) return closed;
  outstanding.sent = true;
  ++in_flight_;
  parts_.metrics.calls_in_flight.Increment();
  FAILPOINT("call-left");
  return std::nullopt;
}

void Lane::report_soon(SagaId id, std::uint64_t ticket, CallFault fault) {
  parts_.post([this, id, ticket, fault = std::move(fault)] { answered(id, ticket, fault); });
}

Outstanding* Lane::find_outstanding(LiveSaga& saga, std::uint64_t ticket) {
  Outstanding* found = saga.outstanding.of_ticket(ticket);
  return found && !found->reported ? found : nullptr;
}

// Whatever comes back for a performance that is no longer wanted, or a saga that has left, is dropped here:
// its saga has gone on without it.
void Lane::answered(SagaId id, std::uint64_t ticket, CallResult result) {
  const auto found = live_.find(id);
  if (found == live_.end()) return;
  const Outstanding* done = find_outstanding(*found->second, ticket);
  if (!done) return;
  FAILPOINT("answer-about-to-be-driven");
  report(id, ticket, std::visit(Report{std::move(result), done->sent_before}, done->command));
}

// While an append is in flight the outcome waits for it. The performance stays outstanding until then: the
// plan that follows the append still lists the command, and would begin it a second time.
void Lane::report(SagaId id, std::uint64_t ticket, core::Input input) {
  const auto found = live_.find(id);
  if (found == live_.end()) return;
  LiveSaga& saga = *found->second;
  Outstanding* done = find_outstanding(saga, ticket);
  if (!done) return;
  drop(*done);
  done->timer = 0;
  done->reported = true;
  saga.inbox.push_back({std::move(input), {}, ticket});
  advance(saga);
}

}  // namespace skald::runtime
