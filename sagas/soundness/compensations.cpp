// Before the pivot everything can be undone: a step that changes something says how, or says that it need not be.
#include "sagas/soundness/soundness.hpp"

namespace skald::sagas {
namespace {

// RFC 9110 section 9.2.1: these change nothing, so there is nothing to undo.
bool is_safe(core::HttpMethod method) { return method == core::HttpMethod::Get || method == core::HttpMethod::Head; }

}  // namespace

void check_compensations(const Draft& draft, FaultList& faults) {
  const std::size_t end = draft.pivot().value_or(draft.steps.size());
  for (std::size_t i = 0; i < end; ++i) {
    const StepSource& source = draft.steps[i];
    // Where the method cannot be read there is a fault already.
    if (!source.action || !source.action->find("method") || is_safe(draft.action(i).method)) continue;
    if (!source.compensate)
      faults.error(source.node.place(), "the step '" + draft.definition.steps[i].id + "' does not say how it is undone",
                   "add compensate: with an action, or compensate: none");
  }
}

}  // namespace skald::sagas
