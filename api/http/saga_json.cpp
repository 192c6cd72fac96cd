#include "api/http/saga_json.hpp"

#include "api/http/waiting_json.hpp"
#include "engine/core/path.hpp"

namespace skald::api {
namespace {

using core::Backward;
using core::Forward;

Json problem_json(const std::optional<core::Problem>& problem) {
  return problem ? core::to_json(*problem) : Json();
}

std::uint32_t attempts_of(const core::StepState& step) {
  return step.forward == Forward::Open ? step.action.failed + 1 : step.attempts;
}

// Why it ended as it did; before, why it is undone or stuck.
const std::optional<core::Problem>& error_of(const core::State& state) {
  return state.ended && state.ended->error ? state.ended->error : state.error;
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
                       {"status", core::to_text(step->forward)},
                       {"attempts", attempts_of(*step)},
                       {"startedAt", time_json(start_of(*step))},
                       {"endedAt", time_json(step->ended_at)},
                       {"output", step->output},
                       {"error", problem_json(error_of(*step))},
                       {"undo", core::to_text(step->backward)}});
}

// The steps of the definition in its order, begun or not; in the place of a step inside of a forEach those of
// its items, as far as they have begun.
class Steps {
 public:
  explicit Steps(const runtime::Snapshot& saga) : definition_(*saga.definition), state_(saga.state) {}

  Json::Array list() {
    add_block(0, "");
    return std::move(steps_);
  }

 private:
  void add_block(core::BlockIndex block, const std::string& item) {
    for (const core::StepIndex index : definition_.blocks[block].steps)
      add_step(definition_.steps[index], item);
  }
  void add_step(const core::Step& step, const std::string& item) {
    const core::StepPath path = item + step.id;
    const core::StepState* state = state_.find_step(path);
    if (state || item.empty()) steps_.push_back(step_json(path, state));
    if (const auto* cases = std::get_if<core::Switch>(&step.kind))
      for (const auto& one : cases->cases) add_block(one.block, item);
    if (const auto* branches = std::get_if<core::Parallel>(&step.kind))
      for (const auto& branch : branches->branches) add_block(branch.block, item);
    const auto* items = std::get_if<core::ForEach>(&step.kind);
    if (!items || !state) return;
    for (std::size_t i = 0; i < state->request.items.value_or(0); ++i)
      add_block(items->block, core::path_in(path, i, ""));
  }

  const core::Definition& definition_;
  const core::State& state_;
  Json::Array steps_;
};

}  // namespace

Json saga_json(const runtime::Snapshot& saga) {
  const auto& state = saga.state;
  return Json::object({{"id", to_text(state.id)},
                       {"name", saga.definition->name},
                       {"version", saga.definition->version},
                       {"businessKey", state.business_key},
                       {"status", core::status_of(state)},
                       {"undo", core::undo_of(state)},
                       {"waitingFor", waiting_for(saga.state)},
                       {"input", state.input},
                       {"output", state.output},
                       {"error", problem_json(error_of(state))},
                       {"steps", Steps(saga).list()},
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
