// Tasks: offered on the lane's board, leased to workers that poll, and decided by their word or by its
// absence.
#include <algorithm>
#include <charconv>

#include "engine/core/event_codec.hpp"
#include "engine/core/render.hpp"
#include "engine/runtime/lane.hpp"

namespace skald::runtime {
namespace {

constexpr std::string_view kUndo = ":undo";

// "sagaId:step:attempt", of an undo "sagaId:step:undo:attempt".
std::string task_id(const SagaId& saga, const core::OfferTask& task) {
  return core::idempotency_key(saga, task.step, task.operation) + ":" + std::to_string(task.attempt);
}

}  // namespace

Result<TaskName> parse_task_name(std::string_view id) {
  const Error unknown = not_found("there is no task '" + std::string(id) + "'");
  const std::size_t first = id.find(':'), last = id.rfind(':');
  if (first == std::string_view::npos || first == last) return unknown;
  const auto saga = parse_saga_id(id.substr(0, first));
  if (!saga) return unknown;
  TaskName name{*saga, core::StepPath(id.substr(first + 1, last - first - 1)), core::Operation::Action, 0};
  const auto [end, error] = std::from_chars(id.data() + last + 1, id.data() + id.size(), name.attempt);
  if (error != std::errc{} || end != id.data() + id.size()) return unknown;
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
  outstanding.attempt_ends = task.timeout ? std::optional(now + *task.timeout) : std::nullopt;
  if (task.give_up_at)
    outstanding.attempt_ends =
        std::min(*task.give_up_at, outstanding.attempt_ends.value_or(*task.give_up_at));
  extend_lease(saga, outstanding, poll.lease);
  return LeasedTask{task_id(saga.id, task),
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
  for (Outstanding& outstanding : found->second->outstanding) {
    const auto* offered = std::get_if<core::OfferTask>(&outstanding.command);
    if (offered && outstanding.sent && offered->step == task.step && offered->operation == task.operation &&
        offered->attempt == task.attempt)
      return &outstanding;
  }
  return nullptr;
}

void Lane::word_of_worker(const TaskName& task, core::Input word, Done<Snapshot> done) {
  if (!find_task(task)) return done(conflict("this task is not leased any more: its word does not count"));
  drive(*live_.at(task.saga), std::move(word), [this, saga = task.saga, done](Result<void> taken) {
    if (!taken) return done(taken.error());
    const auto found = live_.find(saga);
    if (found == live_.end()) return done(unavailable("the saga has left this node; ask again"));
    done(found->second->snapshot());
  });
}

Result<Timestamp> Lane::heartbeat(const TaskName& task, Duration lease) {
  Outstanding* outstanding = find_task(task);
  if (!outstanding) return conflict("this task is not leased any more");
  extend_lease(*live_.at(task.saga), *outstanding, lease);
  return outstanding->lease_until;
}

}  // namespace skald::runtime
