// Tasks: offered on the lane's board, leased to workers that poll, and decided by their word or by its
// absence.
#include <algorithm>
#include <charconv>

#include "engine/base/failpoint.hpp"
#include "engine/core/event_codec.hpp"
#include "engine/core/render.hpp"
#include "engine/runtime/lane.hpp"
#include "engine/runtime/undecided.hpp"

namespace skald::runtime {
namespace {

constexpr std::string_view kUndo = ":undo";

// "sagaId:step:attempt:lease", of an undo "sagaId:step:undo:attempt:lease".
std::string task_id(const SagaId& saga, const core::OfferTask& task, std::uint32_t lease) {
  return core::idempotency_key(saga, task.step, task.operation) + ":" + std::to_string(task.attempt) + ":" +
         std::to_string(lease);
}

// What follows the last colon is taken off the text.
std::optional<std::uint32_t> take_number(std::string_view& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::uint32_t number = 0;
  const char* const until = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data() + colon + 1, until, number);
  if (error != std::errc{} || end != until) return std::nullopt;
  text.remove_suffix(text.size() - colon);
  return number;
}

// Whether that attempt has been there for a worker to take.
bool was_offered(const core::State& state, const TaskName& task) {
  const core::StepState* step = state.find_step(task.step);
  if (!step) return false;
  const bool action = task.operation == core::Operation::Action;
  if ((action ? step->request : step->undo_request).queue.empty()) return false;
  const bool current = step->operation() == task.operation && state.open.contains(task.step);
  const core::Attempts& attempts = current  ? state.attempts_of(task.step)
                                   : action ? step->action
                                            : step->undo;
  return task.attempt >= 1 && task.attempt <= std::max(attempts.current(), action ? step->attempts : 0);
}

}  // namespace

Result<TaskName> parse_task_name(std::string_view id) {
  const Error unknown = not_found("there is no task '" + std::string(id) + "'");
  std::string_view rest = id;
  const auto lease = take_number(rest);
  const auto attempt = lease ? take_number(rest) : std::nullopt;
  const std::size_t colon = rest.find(':');
  if (!attempt || colon == std::string_view::npos) return unknown;
  const auto saga = parse_saga_id(rest.substr(0, colon));
  if (!saga) return unknown;
  TaskName name{*saga, core::StepPath(rest.substr(colon + 1)), core::Operation::Action, *attempt, *lease};
  if (name.step.ends_with(kUndo)) {
    name.step.resize(name.step.size() - kUndo.size());
    name.operation = core::Operation::Compensate;
  }
  return name;
}

void Lane::offer_when_due(LiveSaga& saga, Outstanding& outstanding, Timestamp not_before) {
  if (not_before <= parts_.log.now()) return offer_task(saga, outstanding);
  outstanding.timer = parts_.timers.at(not_before, [this, id = saga.id, ticket = outstanding.ticket] {
    const auto found = live_.find(id);
    if (found == live_.end()) return;
    if (Outstanding* due = find_outstanding(*found->second, ticket)) offer_task(*found->second, *due);
  });
}

void Lane::offer_task(LiveSaga& saga, Outstanding& outstanding) {
  const auto& task = std::get<core::OfferTask>(outstanding.command);
  outstanding.timer = 0;
  if (task.give_up_at) {
    outstanding.timer = parts_.timers.at(*task.give_up_at, [this, id = saga.id, ticket = outstanding.ticket] {
      answered(id, ticket, CallFault{core::CallFailure::NotSent, "no worker took the task in time"});
    });
  }
  FAILPOINT("task-offered");
  board_.offer(task.queue, {saga.id, outstanding.ticket});
}

// The lease begins: from here on the attempt may have its effect.
std::optional<LeasedTask> Lane::lease(LiveSaga& saga, Outstanding& outstanding, const TaskPoll& poll) {
  const auto& task = std::get<core::OfferTask>(outstanding.command);
  const auto& action =
      std::get<core::TaskAction>(core::action_of(*saga.definition, task.step, task.operation));
  auto body = core::render(action, *saga.definition, saga.state, task.step);
  if (!body) {
    report_soon(saga.id, outstanding.ticket, CallFault{core::CallFailure::NotSent, body.error().message});
    return std::nullopt;
  }
  const Timestamp now = parts_.log.now();
  outstanding.sent = true;
  outstanding.lease = static_cast<std::uint32_t>(parts_.random.next());
  outstanding.attempt_ends = task.timeout ? std::optional(now + *task.timeout) : std::nullopt;
  if (task.give_up_at)
    outstanding.attempt_ends =
        std::min(*task.give_up_at, outstanding.attempt_ends.value_or(*task.give_up_at));
  extend_lease(saga, outstanding, poll.lease);
  FAILPOINT("task-leased");
  return LeasedTask{task_id(saga.id, task, outstanding.lease),
                    saga.id,
                    task.step,
                    std::string(core::to_text(task.operation)),
                    task.attempt,
                    core::idempotency_key(saga.id, task.step, task.operation),
                    std::move(*body),
                    outstanding.lease_until};
}

void Lane::extend_lease(LiveSaga& saga, Outstanding& outstanding, Duration lease) {
  outstanding.lease_until = parts_.log.now() + lease;
  if (outstanding.attempt_ends)
    outstanding.lease_until = std::min(outstanding.lease_until, *outstanding.attempt_ends);
  if (outstanding.timer != 0) parts_.timers.cancel(outstanding.timer);
  outstanding.timer =
      parts_.timers.at(outstanding.lease_until, [this, id = saga.id, ticket = outstanding.ticket] {
        FAILPOINT("lease-lost");
        answered(id, ticket,
                 CallFault{core::CallFailure::TimedOut, "the lease ran out before the worker said a word"});
      });
}

std::vector<LeasedTask> Lane::take_tasks(const TaskPoll& poll) {
  std::vector<LeasedTask> tasks;
  while (tasks.size() < poll.max && !draining_ && is_confirmed()) {
    const auto offer = board_.take(poll.queue);
    if (!offer) break;
    const auto found = live_.find(offer->saga);
    if (found == live_.end()) continue;
    Outstanding* outstanding = find_outstanding(*found->second, offer->ticket);
    const bool stands =
        outstanding && !outstanding->sent && std::holds_alternative<core::OfferTask>(outstanding->command);
    if (!stands) continue;
    if (auto task = lease(*found->second, *outstanding, poll)) tasks.push_back(std::move(*task));
  }
  return tasks;
}

void Lane::await_tasks(TaskBoard::Worker worker) {
  board_.forget_answered();
  board_.wait(std::move(worker));
}

Outstanding* Lane::find_task(const TaskName& task) {
  const auto found = live_.find(task.saga);
  if (found == live_.end()) return nullptr;
  Outstanding* outstanding = found->second->outstanding.of_step(task.step);
  if (!outstanding || !outstanding->sent || outstanding->reported || outstanding->lease != task.lease)
    return nullptr;
  const auto* offered = std::get_if<core::OfferTask>(&outstanding->command);
  const bool is_it = offered && offered->operation == task.operation && offered->attempt == task.attempt;
  return is_it ? outstanding : nullptr;
}

void Lane::word_of_worker(const TaskName& task, core::Input word, Done<Snapshot> done) {
  const Outstanding* leased = find_task(task);
  FAILPOINT("word-of-worker-received");
  if (!leased) return say_why_not_leased(task, done);
  if (auto* refused = std::get_if<core::TaskRefused>(&word)) refused->sent_before = leased->sent_before;
  done = answered_by<Snapshot>(parts_.log.now() + kUndecidedAtMost, parts_.timers, "look at the saga", done);
  drive(*live_.at(task.saga), std::move(word), [this, saga = task.saga, done](Result<void> taken) {
    FAILPOINT("word-of-worker-durable");
    if (!taken) return done(taken.error());
    const auto found = live_.find(saga);
    if (found == live_.end()) return done(unavailable("the saga has left this node; ask again"));
    done(found->second->snapshot());
  });
}

void Lane::heartbeat(const TaskName& task, Duration lease, Done<Timestamp> done) {
  Outstanding* outstanding = find_task(task);
  FAILPOINT("heartbeat-received");
  if (!outstanding) return say_why_not_leased(task, done);
  extend_lease(*live_.at(task.saga), *outstanding, lease);
  done(outstanding->lease_until);
}

void Lane::say_why_not_leased(const TaskName& task, std::function<void(Error)> done) {
  find(task.saga, [task, done = std::move(done)](const Result<Snapshot>& saga) {
    if (!saga && saga.error().kind != ErrorKind::NotFound) return done(saga.error());
    if (!saga || !was_offered(saga->state, task)) return done(not_found("there is no such task"));
    done(conflict("this task is not leased any more: its word does not count"));
  });
}

}  // namespace skald::runtime
