// A condition that is always the same decides nothing: mostly the ${ } was forgotten.
#include "sagas/soundness/soundness.hpp"

namespace skald::sagas {
namespace {

// What is not one expression and nothing else is a text, and never true or false.
bool is_expression(const core::Template& condition) {
  if (!condition.source().is_string()) return false;
  const auto text = core::TextWithExpressions::compile(condition.source().as_string());
  return text && text->only_program() != nullptr;
}

void check_condition(const core::Template& condition, const Yaml& node, FaultList& faults) {
  if (!is_expression(condition) && !condition.source().is_boolean())
    return faults.error(node.place(), "this is no condition: it is never true or false", "write ${ … }");
  if (!condition.is_constant()) return;
  const auto value = condition.evaluate(Json{});
  const bool always = value && !value->is_null() && *value != Json(false);
  faults.warning(
      node.place(),
      always ? "this condition is always true" : "this step never runs: its condition is never true",
      "remove it");
}

}  // namespace

void check_conditions(const Draft& draft, FaultList& faults) {
  for (std::size_t i = 0; i < draft.steps.size(); ++i) {
    const core::Step& step = draft.definition.steps[i];
    if (step.condition) check_condition(*step.condition, *draft.steps[i].node.find("if"), faults);
  }
  const auto& key = draft.definition.business_key;
  if (key && key->is_constant())
    faults.warning(draft.source.find("businessKey")->place(),
                   "this businessKey is the same for every saga, so all of them share one partition",
                   "write ${ .input.… }");
}

}  // namespace skald::sagas
