// A condition that is always the same decides nothing: mostly the ${ } was forgotten.
#include "sagas/soundness/soundness.hpp"

namespace skald::sagas {
namespace {

void check_condition(const core::Step& step, const Yaml& node, FaultList& faults) {
  const auto value = step.condition->evaluate(Json{});
  if (value && value->is_boolean()) {
    faults.warning(node.place(), value->as_boolean() ? "this condition is always true" : "this step never runs: its condition is always false",
                   "remove it");
    return;
  }
  faults.error(node.place(), "this is no condition: it reads nothing and is not true or false", "write ${ … }");
}

}  // namespace

void check_conditions(const Draft& draft, FaultList& faults) {
  for (std::size_t i = 0; i < draft.steps.size(); ++i) {
    const core::Step& step = draft.definition.steps[i];
    if (step.condition && step.condition->is_constant())
      check_condition(step, *draft.steps[i].node.find("if"), faults);
  }
  const auto& key = draft.definition.business_key;
  if (key && key->is_constant())
    faults.warning(draft.source.find("businessKey")->place(),
                   "this businessKey is the same for every saga, so all of them share one partition",
                   "write ${ .input.… }");
}

}  // namespace skald::sagas
