// The pivot and what stands behind it: from there on there is no way back, so every step must be able to go
// on until it is done (semantics.md 3).
#include <algorithm>

#include "sagas/soundness/scope.hpp"
#include "sagas/soundness/soundness.hpp"

namespace skald::sagas {
namespace {

void check_single(const Draft& draft, core::StepIndex pivot, FaultList& faults) {
  for (core::StepIndex i = pivot + 1; i < draft.steps.size(); ++i)
    if (draft.definition.steps[i].pivot)
      faults.error(draft.steps[i].node.key_place("pivot"), "a saga has one pivot at most",
                   "'" + draft.definition.steps[pivot].id + "' is one already");
}

// In a branch or with an item it would close the way back for what runs beside it.
void check_place(const Draft& draft, core::StepIndex pivot, FaultList& faults) {
  const Place place = draft.steps[pivot].node.key_place("pivot");
  for (const core::StepIndex container : containers_of(draft.definition, pivot)) {
    const core::Step& around = draft.definition.steps[container];
    if (std::holds_alternative<core::Switch>(around.kind)) {
      faults.warning(place, "where this case is not taken, the way back stays open to the end",
                     "put the pivot behind the switch, if every case has one");
      continue;
    }
    const bool branch = std::holds_alternative<core::Parallel>(around.kind);
    faults.error(place, std::string("the pivot cannot be inside of a ") + (branch ? "parallel" : "forEach"),
                 "what runs beside it could no longer be undone: put it before or after '" + around.id + "'");
  }
}

void check_itself(const core::Step& step, const Yaml& node, FaultList& faults) {
  if (step.optional)
    faults.error(node.key_place("optional"), "the pivot cannot be optional",
                 "whether the saga can still be undone depends on it");
  if (step.condition)
    faults.warning(node.key_place("if"), "where the pivot is skipped, the way back stays open to the end",
                   "put the condition on the steps after it");
}

void check_effort(const core::Step& step, const Yaml& node, FaultList& faults) {
  const core::RetryPolicy& retry = step.effort.retry;
  const Place place = node.key_place("retry");
  if (retry.maximum_attempts != 0)
    faults.error(place,
                 "'" + step.id + "' stands after the pivot and gives up after " +
                     std::to_string(retry.maximum_attempts) + " attempts",
                 "let it be retried without end (maximumAttempts: 0), or make it optional");
  if (retry.on_exhausted == core::OnExhausted::Compensate)
    faults.error(place, "'" + step.id + "' stands after the pivot, where onExhausted cannot be compensate",
                 "leave it out, or say stuck");
  if (step.effort.total_timeout)
    faults.error(node.key_place("totalTimeout"),
                 "'" + step.id + "' stands after the pivot and gives up after " +
                     skald::to_text(*step.effort.total_timeout),
                 "remove totalTimeout, or make it optional");
}

void check_can_be_finished(const Draft& draft, core::StepIndex index, FaultList& faults) {
  const core::Step& step = draft.definition.steps[index];
  const Yaml& node = draft.steps[index].node;
  if (draft.kind_of<core::Fail>(index))
    faults.error(node.key_place("fail"),
                 "'" + step.id + "' stands after the pivot, where nothing can be refused",
                 "decide before the pivot");
  if (step.optional) return;
  const auto* wait = draft.kind_of<core::WaitFor>(index);
  if (wait != nullptr && wait->timeout && wait->on_timeout == core::OnTimeout::Fail)
    faults.error(draft.steps[index].action->key_place("timeout"),
                 "'" + step.id + "' stands after the pivot and fails after " + skald::to_text(*wait->timeout),
                 "say onTimeout: continue, or make it optional");
  if (draft.kind_of<core::HttpAction>(index) || draft.kind_of<core::TaskAction>(index))
    check_effort(step, node, faults);
}

bool can_be_undone_after_its_end(const core::Definition& definition) {
  return definition.cancel_until == core::CancelUntil::Forever ||
         std::any_of(definition.cancel_on.begin(), definition.cancel_on.end(),
                     [](const core::CancelOn& on) { return on.until == core::CancelUntil::Forever; });
}

void check_no_undo(const Draft& draft, core::StepIndex index, FaultList& faults) {
  const core::Step& step = draft.definition.steps[index];
  if (!step.undo || can_be_undone_after_its_end(draft.definition)) return;
  faults.error(draft.steps[index].node.key_place("compensate"),
               step.pivot ? "the pivot is never undone" : "a step after the pivot is never undone",
               "remove compensate, or say cancelUntil: forever");
}

void check_no_until_pivot(const Draft& draft, FaultList& faults) {
  const std::string remedy = "mark a step with pivot: true, or say end";
  if (draft.definition.cancel_until == core::CancelUntil::Pivot)
    faults.error(draft.source.key_place("cancelUntil"), "cancelUntil: pivot, but no step is the pivot",
                 remedy);
  const std::vector<Yaml> nodes = event_nodes(draft, "cancelOn");
  for (std::size_t i = 0; i < draft.definition.cancel_on.size(); ++i) {
    const Yaml& node = nodes[i];
    if (draft.definition.cancel_on[i].until == core::CancelUntil::Pivot && node.find("until"))
      faults.error(node.key_place("until"), "until: pivot, but no step is the pivot", remedy);
  }
}

}  // namespace

void check_pivot(const Draft& draft, FaultList& faults) {
  const auto pivot = draft.definition.pivot();
  if (!pivot) return check_no_until_pivot(draft, faults);
  check_single(draft, *pivot, faults);
  check_place(draft, *pivot, faults);
  check_itself(draft.definition.steps[*pivot], draft.steps[*pivot].node, faults);
  check_no_undo(draft, *pivot, faults);
  for (core::StepIndex i = 0; i < draft.steps.size(); ++i) {
    if (!draft.steps[i].after_pivot) continue;
    check_can_be_finished(draft, i, faults);
    check_no_undo(draft, i, faults);
  }
}

}  // namespace skald::sagas
