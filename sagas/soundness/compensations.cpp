// Before the pivot everything can be undone: a step that changes something says how, or says that it need not
// be. A child needs no word for it: its undo is the undo of its own steps.
#include "sagas/soundness/soundness.hpp"

namespace skald::sagas {
namespace {

// RFC 9110 section 9.2.1: these change nothing, so there is nothing to undo. Where the method is missing or
// unknown there is a fault already.
bool is_unsafe(const core::HttpAction& http, const Yaml& node) {
  const auto method = node.find("method");
  const bool known = method && method->text() == to_text(http.method);
  return known && http.method != core::HttpMethod::Get && http.method != core::HttpMethod::Head;
}

bool changes_something(const Draft& draft, core::StepIndex step) {
  if (const auto* http = draft.kind_of<core::HttpAction>(step))
    return is_unsafe(*http, *draft.steps[step].action);
  return draft.kind_of<core::TaskAction>(step) != nullptr || draft.kind_of<core::EmitAction>(step) != nullptr;
}

}  // namespace

void check_compensations(const Draft& draft, FaultList& faults) {
  for (core::StepIndex i = 0; i < draft.steps.size(); ++i) {
    const StepSource& source = draft.steps[i];
    const core::Step& step = draft.definition.steps[i];
    if (source.after_pivot || step.pivot || source.compensate || !changes_something(draft, i)) continue;
    faults.error(source.node.place(), "the step '" + step.id + "' does not say how it is undone",
                 "add compensate: with an action, or compensate: none");
  }
}

}  // namespace skald::sagas
