// A condition that is always the same decides nothing: mostly the ${ } was forgotten. So it is with other
// values that must differ from saga to saga.
#include "sagas/soundness/soundness.hpp"

namespace skald::sagas {
namespace {

struct Verdicts {
  std::string always, never;
  std::string remedy_for_always, remedy_for_never;
};

const Verdicts kIf = {"this condition is always true", "this step never runs: its condition is never true",
                      "remove it", "remove the step, or mend its condition"};
const Verdicts kWhen = {"this case is always taken", "this case is never taken: its condition is never true",
                        "leave when out of the last case, and remove the cases after it",
                        "remove the case, or mend its condition"};
const Verdicts kWhere = {"this where fits every event", "this where fits no event", "remove it",
                         "let it read .event"};

void check_condition(const core::Template& condition, const Yaml& node, const Verdicts& verdicts,
                     FaultList& faults) {
  if (!is_one_expression(condition) && !condition.source().is_boolean())
    return faults.error(node.place(), "this is no condition: it is never true or false", "write ${ … }");
  if (!condition.is_constant()) return;
  const auto value = condition.evaluate(Json{});
  if (value && !value->is_null() && *value != Json(false))
    faults.warning(node.place(), verdicts.always, verdicts.remedy_for_always);
  else
    faults.warning(node.place(), verdicts.never, verdicts.remedy_for_never);
}

void check_cases(const core::Switch& kind, const Yaml& cases, FaultList& faults) {
  const std::vector<Yaml> nodes = cases.items();
  for (std::size_t i = 0; i < kind.cases.size(); ++i)
    if (kind.cases[i].when) check_condition(*kind.cases[i].when, *nodes[i].find("when"), kWhen, faults);
}

// Constant values that are no list would fail in every saga.
void check_list(const core::Template& in, const Yaml& node, FaultList& faults) {
  if (in.source().is_array()) return;
  const auto constant = in.is_constant() ? in.evaluate(Json{}) : Result<Json>(Json::Array{});
  if (!is_one_expression(in) || (constant && !constant->is_array()))
    faults.error(node.place(), "a forEach goes through a list, and this is none", "write ${ … } for a list");
}

void check_step(const Draft& draft, core::StepIndex index, FaultList& faults) {
  const core::Step& step = draft.definition.steps[index];
  const StepSource& source = draft.steps[index];
  if (step.condition) check_condition(*step.condition, *source.node.find("if"), kIf, faults);
  if (const auto* cases = draft.kind_of<core::Switch>(index)) check_cases(*cases, *source.action, faults);
  const auto* wait = draft.kind_of<core::WaitFor>(index);
  if (wait != nullptr && wait->where)
    check_condition(*wait->where, *source.action->find("where"), kWhere, faults);
  const auto* each = draft.kind_of<core::ForEach>(index);
  const auto in = each != nullptr ? source.action->find("in") : std::nullopt;
  // A list that did not compile is null here, and reported.
  if (in && !each->in.source().is_null()) check_list(each->in, *in, faults);
}

void check_events(const Draft& draft, FaultList& faults) {
  const core::Definition& definition = draft.definition;
  const std::vector<Yaml> starts = event_nodes(draft, "startOn");
  const std::vector<Yaml> cancels = event_nodes(draft, "cancelOn");
  for (std::size_t i = 0; i < definition.start_on.size(); ++i)
    if (definition.start_on[i].where)
      check_condition(*definition.start_on[i].where, *starts[i].find("where"), kWhere, faults);
  for (std::size_t i = 0; i < definition.cancel_on.size(); ++i)
    if (definition.cancel_on[i].where)
      check_condition(*definition.cancel_on[i].where, *cancels[i].find("where"), kWhere, faults);
}

}  // namespace

void check_conditions(const Draft& draft, FaultList& faults) {
  for (core::StepIndex i = 0; i < draft.steps.size(); ++i) check_step(draft, i, faults);
  check_events(draft, faults);
  const auto& key = draft.definition.business_key;
  if (key && key->is_constant())
    faults.warning(draft.source.find("businessKey")->place(),
                   "this businessKey is the same for every saga, so all of them share one partition",
                   "write ${ .input.… }");
}

}  // namespace skald::sagas
