// Commands: what plan() lists is begun once, what it no longer lists is dropped, what has come back is
// reported.
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

// What a command is about: its step, of a wake-up its time. Nothing else that is outstanding for a saga is
// about the same.
struct Subject {
  std::string_view step;
  Timestamp at{};
  auto operator<=>(const Subject&) const = default;
};
struct SubjectOf {
  Subject operator()(const core::WakeAt& wake) const { return {{}, wake.at}; }
  Subject operator()(const auto& command) const { return {command.step}; }
};
Subject subject_of(const core::Command& command) {
  return std::visit(SubjectOf{}, command);
}

template <class Sent, class Awaited>
bool is_attempt(const Outstanding& outstanding, const core::Command& wanted) {
  const auto* sent = std::get_if<Sent>(&outstanding.command);
  const auto* awaited = std::get_if<Awaited>(&wanted);
  return sent && awaited && outstanding.sent && sent->step == awaited->step &&
         sent->operation == awaited->operation && sent->attempt == awaited->attempt;
}

// A call that has left is the same attempt as the answer that is awaited of it. A worker keeps its task while
// the saga is paused, and loses it when the saga goes back.
bool covers(const Outstanding& outstanding, const core::Command& wanted) {
  return outstanding.command == wanted ||
         is_attempt<core::CallService, core::AwaitAnswer>(outstanding, wanted) ||
         is_attempt<core::CallService, core::KeepAwaiting>(outstanding, wanted) ||
         is_attempt<core::OfferTask, core::KeepAwaiting>(outstanding, wanted);
}

// What plan() lists, in the order of its subjects: a forEach may have thousands under way, and each is looked
// for once.
class Wanted {
 public:
  explicit Wanted(std::vector<core::Command> commands) {
    for (core::Command& command : commands) all_.push_back({std::move(command), false});
    std::sort(all_.begin(), all_.end(),
              [](const One& a, const One& b) { return subject_of(a.command) < subject_of(b.command); });
  }

  // What is wanted about the same as this command, if anything.
  const core::Command* about(const core::Command& command) const {
    const auto found = find(command);
    return found == all_.end() ? nullptr : &found->command;
  }
  // Whether this performance is for one of them, which then is under way.
  bool claim(const Outstanding& outstanding) {
    const auto found = find(outstanding.command);
    if (found == all_.end() || !covers(outstanding, found->command)) return false;
    all_[static_cast<std::size_t>(found - all_.begin())].under_way = true;
    return true;
  }
  std::vector<core::Command> not_under_way() && {
    std::vector<core::Command> rest;
    for (One& one : all_)
      if (!one.under_way) rest.push_back(std::move(one.command));
    return rest;
  }

 private:
  struct One {
    core::Command command;
    bool under_way = false;
  };
  std::vector<One>::const_iterator find(const core::Command& command) const {
    const Subject subject = subject_of(command);
    const auto found =
        std::lower_bound(all_.begin(), all_.end(), subject,
                         [](const One& one, const Subject& s) { return subject_of(one.command) < s; });
    return found != all_.end() && subject_of(found->command) == subject ? found : all_.end();
  }

  std::vector<One> all_;
};

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
  Wanted wanted(core::plan(*saga.definition, saga.state));
  for (Outstanding& outstanding : saga.outstanding)
    if (const core::Command* now = wanted.about(outstanding.command)) withdraw_task(saga, outstanding, *now);
  std::erase_if(saga.outstanding, [&](const Outstanding& outstanding) {
    const bool keep = wanted.claim(outstanding);
    if (!keep) drop(outstanding);
    return !keep;
  });
  FAILPOINT("plan-made");
  if (draining_) return;
  for (core::Command& command : std::move(wanted).not_under_way()) begin(saga, std::move(command));
  send_due(saga);
}

// Nothing waits for it any more, and no worker can take it.
void Lane::drop(const Outstanding& outstanding) {
  if (outstanding.timer != 0) parts_.timers.cancel(outstanding.timer);
  if (const auto* task = std::get_if<core::OfferTask>(&outstanding.command))
    board_.withdraw(task->queue, outstanding.ticket);
}

// A task that no worker has had is certainly not done: where only its answer is awaited now, that is known.
void Lane::withdraw_task(LiveSaga& saga, Outstanding& outstanding, const core::Command& wanted) {
  const auto* task = std::get_if<core::OfferTask>(&outstanding.command);
  const auto* awaited = std::get_if<core::AwaitAnswer>(&wanted);
  if (!task || !awaited || task->operation != awaited->operation) return;
  if (outstanding.sent || outstanding.sent_before || outstanding.reported) return;
  drop(outstanding);
  outstanding.timer = 0;
  outstanding.command = *awaited;
  report_soon(saga.id, outstanding.ticket,
              CallFault{core::CallFailure::NotSent, "no worker had taken the task"});
}

void Lane::begin(LiveSaga& saga, core::Command wanted) {
  saga.outstanding.push_back({std::move(wanted), ++last_ticket_});
  Outstanding& outstanding = saga.outstanding.back();
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
    // The state says that an answer is awaited, and nobody awaits it: the process that sent the call is gone.
    FAILPOINT("open-attempt-found");
    report_soon(
        saga.id, outstanding.ticket,
        CallFault{core::CallFailure::ConnectionLost, "the engine was restarted before the answer came"});
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
  for (Outstanding& outstanding : saga.outstanding)
    if (outstanding.due) send(saga, outstanding);
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
  outstanding.due = saga.appending;
  if (saga.appending) return std::nullopt;
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
  // They stand in the order in which they began.
  const auto found = std::lower_bound(saga.outstanding.begin(), saga.outstanding.end(), ticket,
                                      [](const Outstanding& one, std::uint64_t t) { return one.ticket < t; });
  const bool awaited = found != saga.outstanding.end() && found->ticket == ticket && !found->reported;
  return awaited ? &*found : nullptr;
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
  done->due = false;
  done->reported = true;
  saga.inbox.push_back({std::move(input), {}, ticket});
  advance(saga);
}

}  // namespace skald::runtime
