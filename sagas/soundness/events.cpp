// Events that a definition names do what they are named for.
#include "sagas/soundness/soundness.hpp"

namespace skald::sagas {
std::vector<Yaml> event_nodes(const Draft& draft, std::string_view key) {
  const auto value = draft.source.find(key);
  if (!value) return {};
  return value->is(Yaml::Kind::List) ? value->items() : std::vector<Yaml>{*value};
}

void check_events_act(const Draft& draft, FaultList& faults) {
  const std::vector<Yaml> nodes = event_nodes(draft, "cancelOn");
  for (std::size_t i = 0; i < draft.definition.cancel_on.size(); ++i) {
    if (draft.definition.cancel_on[i].until != core::CancelUntil::Never) continue;
    const Yaml& node = nodes[i];
    const bool own = node.find("until").has_value();
    faults.warning(own ? node.key_place("until") : node.place(),
                   own ? "this event never cancels" : "this event never cancels: cancelUntil is never",
                   "give it an until of its own: pivot, end or forever");
  }
}

}  // namespace skald::sagas
