#include "api/replay/replayed_saga.hpp"

#include "api/cli/saga_table.hpp"
#include "api/http/saga_json.hpp"
#include "api/replay/plan_json.hpp"
#include "api/replay/recorded.hpp"
#include "engine/core/evolve.hpp"
#include "engine/core/plan.hpp"
#include "eventstore/pg/archive.hpp"

namespace skald::api {
namespace {

Error not_then(const SagaId& id, const ReplayUntil& until, const std::vector<store::StoredEvent>& events) {
  if (until.event)
    return not_found("saga " + to_text(id) + " has " + std::to_string(events.size()) + " events");
  return not_found("saga " + to_text(id) + " began at " + to_rfc3339(events.front().time));
}

Json plan_json(const std::vector<core::Command>& commands) {
  Json::Array items;
  for (const auto& command : commands) items.push_back(command_json(command));
  return items;
}

std::string plan_text(const std::vector<core::Command>& commands) {
  std::string text;
  for (const auto& command : commands) text += (text.empty() ? "" : "; ") + command_text(command);
  return text;
}

std::string what_of(const Json& event) {
  const auto step = cell(event, "step");
  const auto name = step.empty() ? cell(event, "name") : step;
  return cell(event, "type") + (name.empty() ? "" : " " + name);
}

}  // namespace

Result<ReplayedSaga> replay_saga(const std::string& conninfo, SagaId id, const ReplayUntil& until) {
  auto archive = store::Archive::open(conninfo);
  if (!archive) return archive.error();
  const auto found = archive->saga(id);
  if (!found) return found.error();
  if (!*found || (*found)->events.empty()) return not_found("there is no saga " + to_text(id));
  const auto& stored = (*found)->events;
  const auto events = events_of(stored);
  if (!events) return events.error();
  const auto definitions = archive->definitions();
  if (!definitions) return definitions.error();
  const auto* started = std::get_if<core::SagaStarted>(&events->front().fact);
  const auto entry = catalog_of(*definitions).by_hash(started ? started->definition : "");
  if (!entry) return unexpected("the definition that saga " + to_text(id) + " began with is not kept");

  ReplayedSaga replayed{{}, {entry->definition, {}, {}}, until.is_one()};
  auto& [definition, state, position] = replayed.last;
  state.id = id;
  for (std::size_t i = 0; i < events->size(); ++i) {
    if (until.event && state.version == *until.event) break;
    if (until.time && (*events)[i].time > *until.time) break;
    state = core::evolve(std::move(state), (*events)[i]);
    position = stored[i].position;
    replayed.steps.push_back(
        {stored[i], core::status_of(state), core::undo_of(state), core::plan(*definition, state)});
  }
  if (replayed.steps.empty() || (until.event && state.version != *until.event))
    return not_then(id, until, stored);
  return replayed;
}

std::string replayed_table(const ReplayedSaga& saga) {
  if (saga.one)
    return saga_table_text(saga_json(saga.last)) + "\noutstanding   " +
           (saga.steps.back().outstanding.empty() ? "nothing" : plan_text(saga.steps.back().outstanding)) +
           "\n";
  Table table{{"EVENT", "TIME", "WHAT", "STATUS", "UNDO", "OUTSTANDING"}, {}};
  for (const auto& step : saga.steps) {
    const Json event = event_json(step.event);
    table.rows.push_back({std::to_string(step.event.version), shown_time(event.get("time")), what_of(event),
                          painted(step.status), step.undo, plan_text(step.outstanding)});
  }
  return table_text(table);
}

Json replayed_json(const ReplayedSaga& saga) {
  if (saga.one)
    return Json::object(
        {{"saga", saga_json(saga.last)}, {"outstanding", plan_json(saga.steps.back().outstanding)}});
  Json::Array items;
  for (const auto& step : saga.steps)
    items.push_back(Json::object({{"event", event_json(step.event)},
                                  {"status", step.status},
                                  {"undo", step.undo},
                                  {"outstanding", plan_json(step.outstanding)}}));
  return Json::object({{"id", to_text(saga.last.state.id)},
                       {"name", saga.last.definition->name},
                       {"version", saga.last.definition->version},
                       {"items", Json(std::move(items))}});
}

}  // namespace skald::api
