// Events that a definition names do what they are named for.
#include "sagas/soundness/soundness.hpp"

namespace skald::sagas {
namespace {

Yaml item_of(const Yaml& value, std::size_t index) {
  return value.is(Yaml::Kind::List) ? value.items()[index] : value;
}

}  // namespace

Yaml start_on_node(const Draft& draft, std::size_t index) {
  return item_of(*draft.source.find("startOn"), index);
}

Yaml cancel_on_node(const Draft& draft, std::size_t index) {
  return item_of(*draft.source.find("cancelOn"), index);
}

void check_events_act(const Draft& draft, FaultList& faults) {
  for (std::size_t i = 0; i < draft.definition.cancel_on.size(); ++i) {
    if (draft.definition.cancel_on[i].until != core::CancelUntil::Never) continue;
    const Yaml node = cancel_on_node(draft, i);
    const bool own = node.find("until").has_value();
    faults.warning(own ? node.key_place("until") : node.place(),
                   own ? "this event never cancels" : "this event never cancels: cancelUntil is never",
                   "give it an until of its own: pivot, end or forever");
  }
}

}  // namespace skald::sagas
