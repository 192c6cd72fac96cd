#include "projections/view_scope.hpp"

#include <algorithm>
#include <string>
#include <utility>

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

// What the core shows of a saga, and what only an onlooker sees.
Json saga_value(const Json& known, const Occurrence& event) {
  if (!event.state) return Json::object({{"id", to_text(event.saga)}});
  Json::Object members = known.as_object();
  members.append("status", core::status_of(*event.state));
  members.append("undo", core::undo_of(*event.state));
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
  if (reads_root(reads, "saga")) members.set("saga", saga_value(saga.get("saga"), event));
  if (event.state && reads_root(reads, "error")) members.set("error", error_value(*event.state));
  if (reads_root(reads, "event")) members.set("event", event_value(event));
  return members;
}

}  // namespace skald::views
