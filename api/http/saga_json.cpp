#include "api/http/saga_json.hpp"

#include "engine/core/event_codec.hpp"
#include "engine/core/path.hpp"
#include "engine/core/plan.hpp"

namespace skald::api {
namespace {

using core::Backward;
using core::Forward;

Json time_json(const std::optional<Timestamp>& time) {
  return time ? Json(to_rfc3339(*time)) : Json();
}
Json problem_json(const std::optional<core::Problem>& problem) {
  return problem ? core::to_json(*problem) : Json();
}

std::string_view status_of_step(const core::StepState& step) {
  switch (step.forward) {
    case Forward::Open: return "running";
    case Forward::Succeeded: return "succeeded";
    case Forward::Failed: return "failed";
    case Forward::Skipped: return "skipped";
  }
  return "";
}

std::string_view undo_of_step(const core::StepState& step) {
  switch (step.backward) {
    case Backward::None: return "none";
    case Backward::Open: return "running";
    case Backward::Undone: return "done";
    case Backward::Failed: return "failed";
  }
  return "";
}

std::uint32_t attempts_of(const core::StepState& step) {
  return step.forward == Forward::Open ? step.action.failed + 1 : step.attempts;
}

// While a step fails again and again, the reader wants the reason of the last failure.
std::optional<core::Problem> error_of(const core::StepState& step) {
  if (step.error) return step.error;
  if (step.backward == Backward::Open) return step.undo.last_error;
  return step.forward == Forward::Open ? step.action.last_error : std::nullopt;
}

std::optional<Timestamp> start_of(const core::StepState& step) {
  if (step.action.requested_at != Timestamp{}) return step.action.requested_at;
  return step.ended_at;  // skipped, or failed before anything could leave
}

Json step_json(const std::string& id, const core::StepState* step) {
  if (!step)
    return Json::object({{"id", id},
                         {"status", "pending"},
                         {"attempts", 0},
                         {"startedAt", {}},
                         {"endedAt", {}},
                         {"output", {}},
                         {"error", {}},
                         {"undo", "none"}});
  return Json::object({{"id", id},
                       {"status", status_of_step(*step)},
                       {"attempts", attempts_of(*step)},
                       {"startedAt", time_json(start_of(*step))},
                       {"endedAt", time_json(step->ended_at)},
                       {"output", step->output},
                       {"error", problem_json(error_of(*step))},
                       {"undo", undo_of_step(*step)}});
}

Json steps_json(const runtime::Snapshot& saga) {
  Json::Array steps;
  // Steps inside of items have a path for each item; those outside are there from the beginning.
  for (const auto& step : saga.definition->steps)
    steps.push_back(step_json(step.id, saga.state.find_step(step.id)));
  for (const auto& [path, state] : saga.state.steps)
    if (!core::item_of(path).empty()) steps.push_back(step_json(path, &state));
  return steps;
}

Json waiting(const core::StepPath& step, core::Operation operation, std::string_view reason, Json until) {
  return Json::object({{"step", step},
                       {"operation", core::to_text(operation)},
                       {"reason", reason},
                       {"until", std::move(until)}});
}

// What an outstanding command means to somebody who wonders why nothing moves. A command for the clock alone
// belongs to the saga as a whole (its deadline): nothing waits for it.
struct ToWaiting {
  std::optional<Json> operator()(const core::CallService& call) const {
    if (call.attempt <= 1) return waiting(call.step, call.operation, "answer", {});
    return waiting(call.step, call.operation, "retry", to_rfc3339(call.not_before));
  }
  std::optional<Json> operator()(const core::PollLocation& poll) const {
    return waiting(poll.step, poll.operation, "poll", to_rfc3339(poll.not_before));
  }
  std::optional<Json> operator()(const core::AwaitAnswer& answer) const {
    return waiting(answer.step, answer.operation, "answer", {});
  }
  std::optional<Json> operator()(const core::KeepAwaiting& answer) const {
    return waiting(answer.step, answer.operation, "answer", {});
  }
  std::optional<Json> operator()(const core::OfferTask& task) const {
    return waiting(task.step, task.operation, "task", {});
  }
  std::optional<Json> operator()(const core::RunChild& child) const {
    return waiting(child.step, child.operation, "child", {});
  }
  std::optional<Json> operator()(const core::UndoChild& child) const {
    return waiting(child.step, child.operation, "child", {});
  }
  std::optional<Json> operator()(const core::DeliverEvent& event) const {
    return waiting(event.step, event.operation, "delivery", {});
  }
  std::optional<Json> operator()(const core::WakeAt&) const { return std::nullopt; }
};

Json waiting_for(const runtime::Snapshot& saga) {
  Json::Array list;
  if (saga.state.stuck && saga.state.phase == core::Phase::Stuck)
    list.push_back(waiting(saga.state.stuck->step, saga.state.stuck->operation, "operator", {}));
  for (const auto& command : core::plan(*saga.definition, saga.state))
    if (auto entry = std::visit(ToWaiting{}, command)) list.push_back(std::move(*entry));
  return list;
}

}  // namespace

Json saga_json(const runtime::Snapshot& saga) {
  const auto& state = saga.state;
  return Json::object({{"id", to_text(state.id)},
                       {"name", saga.definition->name},
                       {"version", saga.definition->version},
                       {"businessKey", state.business_key},
                       {"status", core::status_of(state)},
                       {"undo", core::undo_of(state)},
                       {"waitingFor", waiting_for(saga)},
                       {"input", state.input},
                       {"output", state.output},
                       {"error", problem_json(state.error)},
                       {"steps", steps_json(saga)},
                       {"startedAt", to_rfc3339(state.started_at)},
                       {"updatedAt", to_rfc3339(state.updated_at)},
                       {"endedAt", time_json(state.ended_at)},
                       {"position", to_text(saga.position)}});
}

Json saga_row_json(const store::SagaRow& row) {
  return Json::object({{"id", to_text(row.id)},
                       {"name", row.start.definition},
                       {"version", row.start.definition_version},
                       {"businessKey", row.start.business_key},
                       {"status", row.status.status},
                       {"startedAt", to_rfc3339(row.started_at)},
                       {"updatedAt", to_rfc3339(row.updated_at)},
                       {"endedAt", time_json(row.status.ended_at)}});
}

Json event_json(const store::StoredEvent& event) {
  Json::Object members;
  members.append("type", event.type);
  members.append("time", to_rfc3339(event.time));
  members.append("position", to_text(event.position));
  members.append("version", event.version);
  // The log holds what this program wrote; should it ever hold anything else, the rest is still shown.
  const auto payload = parse_json(event.payload);
  if (payload && payload->is_object())
    for (const auto& [key, value] : payload->as_object()) members.set(key, value);
  return members;
}

}  // namespace skald::api
