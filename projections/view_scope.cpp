#include "projections/view_scope.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "engine/core/event_codec.hpp"
#include "engine/core/path.hpp"
#include "engine/core/scope.hpp"

namespace skald::views {
namespace {

bool reads_root(const std::vector<core::Reference>& reads, std::string_view root) {
  return std::any_of(reads.begin(), reads.end(), [&](const core::Reference& reference) {
    return reference.empty() || reference.front() == root;
  });
}

Json event_value(const Occurrence& event) {
  Json::Object members;
  if (event.payload.is_object()) members = event.payload.as_object();
  members.set("type", event.type);
  members.set("time", to_rfc3339(event.place.time));
  members.set("position", to_text(event.place.position));
  return members;
}

// From the start to the event, exact: "12.345678".
Json seconds_since_start(const Occurrence& event) {
  constexpr std::int64_t kSecond = 1'000'000;
  const std::int64_t span = (event.place.time - event.state->started_at).count();
  const std::string fraction = std::to_string(kSecond + span % kSecond).substr(1);
  return Json::number_from_text(std::to_string(span / kSecond) + '.' + fraction);
}

Json time_or_null(const std::optional<Timestamp>& time) {
  return time ? Json(to_rfc3339(*time)) : Json();
}

Json open_step(const core::State& state, const core::StepPath& path) {
  const core::StepState& step = *state.find_step(path);
  const core::Attempts& attempts = state.attempts_of(path);
  const auto next_at = attempts.failed > 0 ? std::optional(attempts.next_at) : std::nullopt;
  Json waiting;
  if (!step.waiting.empty()) waiting = step.waiting;
  return Json::object({{"step", path},
                       {"kind", step.kind},
                       {"operation", to_text(step.operation())},
                       {"since", to_rfc3339(attempts.requested_at)},
                       {"waiting", waiting},
                       {"until", time_or_null(step.until)},
                       {"failed", attempts.failed},
                       {"nextAt", time_or_null(next_at)},
                       {"error", attempts.last_error ? core::to_json(*attempts.last_error) : Json()}});
}

Json open_steps(const core::State& state) {
  Json::Array steps;
  for (const auto& [path, nothing] : state.open) steps.push_back(open_step(state, path));
  return steps;
}

bool reads_member(const std::vector<core::Reference>& reads, std::string_view member) {
  return std::any_of(reads.begin(), reads.end(), [&](const core::Reference& reference) {
    return reference.empty() ||
           (reference.front() == "saga" && (reference.size() < 2 || reference[1] == member));
  });
}

// What the core shows of a saga, and what only an onlooker sees.
Json saga_value(const std::vector<core::Reference>& reads, const Json& known, const Occurrence& event) {
  if (!event.state) return Json::object({{"id", to_text(event.saga)}});
  Json::Object members = known.as_object();
  members.set("status", core::status_of(*event.state));
  members.set("undo", core::undo_of(*event.state));
  if (reads_member(reads, "seconds")) members.set("seconds", seconds_since_start(event));
  if (reads_member(reads, "openSteps")) members.set("openSteps", open_steps(*event.state));
  return members;
}

// Why the saga ended, or what its undo or its being stuck is due to.
Json error_value(const core::State& state) {
  if (state.ended && state.ended->error) return core::to_json(*state.ended->error);
  return state.error ? core::to_json(*state.error) : Json();
}

// Where the event happened: steps inside of the same item are seen from there. A path that the definition
// does not know (an imported log may say anything) sees what the saga as a whole sees.
std::string place_in(const core::Definition& definition, const Json& payload) {
  const Json step = payload.get("step");
  if (!step.is_string()) return {};
  for (std::string_view item = core::item_of(step.as_string()); !item.empty();) {
    if (item.find('[') == std::string_view::npos) return {};
    const std::string_view for_each = core::parse_item(item).for_each;
    const core::Step* known = definition.find_step(core::id_of(for_each));
    if (!known || !std::holds_alternative<core::ForEach>(known->kind)) return {};
    item = core::item_of(for_each);
  }
  return step.as_string();
}

Json saga_scope(const std::vector<core::Reference>& reads, const Occurrence& event) {
  if (!event.state) return Json::Object();
  const std::string at = reads_root(reads, "steps") ? place_in(*event.definition, event.payload) : "";
  return core::scope(*event.definition, *event.state, at, reads);
}

}  // namespace

Json view_scope(const std::vector<core::Reference>& reads, const Occurrence& event) {
  const Json saga = saga_scope(reads, event);
  Json::Object members = saga.as_object();
  if (reads_root(reads, "saga")) members.set("saga", saga_value(reads, saga.get("saga"), event));
  if (event.state && reads_root(reads, "error")) members.set("error", error_value(*event.state));
  if (reads_root(reads, "event")) members.set("event", event_value(event));
  return members;
}

}  // namespace skald::views
