// Before the pivot everything can be undone: a step that changes something says how, or says that it need not
// be.
#include "sagas/soundness/soundness.hpp"

namespace skald::sagas {
namespace {

// RFC 9110 section 9.2.1: these change nothing, so there is nothing to undo.
bool is_safe(core::HttpMethod method) {
  return method == core::HttpMethod::Get || method == core::HttpMethod::Head;
}

// Where the method is missing or unknown there is a fault already.
bool method_is_known(const Draft& draft, std::size_t step) {
  const auto method = draft.steps[step].action->find("method");
  return method && method->text() == to_text(draft.action(step).method);
}

}  // namespace

void check_compensations(const Draft& draft, FaultList& faults) {
  const std::size_t end = draft.definition.pivot().value_or(draft.steps.size());
  for (std::size_t i = 0; i < end; ++i) {
    const StepSource& source = draft.steps[i];
    if (!source.action || !method_is_known(draft, i) || is_safe(draft.action(i).method)) continue;
    if (!source.compensate)
      faults.error(source.node.place(),
                   "the step '" + draft.definition.steps[i].id + "' does not say how it is undone",
                   "add compensate: with an action, or compensate: none");
  }
}

}  // namespace skald::sagas
