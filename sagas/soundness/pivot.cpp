// The pivot and what stands behind it: from there on there is no way back, so every step must be able to go
// on until it is done (semantics.md 3).
#include "sagas/soundness/soundness.hpp"

namespace skald::sagas {
namespace {

void check_single(const Draft& draft, std::size_t pivot, FaultList& faults) {
  for (std::size_t i = pivot + 1; i < draft.steps.size(); ++i)
    if (draft.definition.steps[i].pivot)
      faults.error(draft.steps[i].node.key_place("pivot"), "a saga has one pivot at most",
                   "'" + draft.definition.steps[pivot].id + "' is one already");
}

void check_itself(const core::Step& step, const Yaml& node, FaultList& faults) {
  if (step.optional)
    faults.error(node.key_place("optional"), "the pivot cannot be optional",
                 "whether the saga can still be undone depends on it");
  if (step.condition)
    faults.warning(node.key_place("if"), "where the pivot is skipped, the way back stays open to the end");
}

void check_can_be_finished(const core::Step& step, const Yaml& node, FaultList& faults) {
  if (step.optional) return;
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

void check_no_undo(const Draft& draft, std::size_t step, FaultList& faults) {
  if (draft.definition.cancel_until == core::CancelUntil::Forever || !draft.definition.steps[step].undo)
    return;
  const bool is_pivot = draft.definition.steps[step].pivot;
  faults.error(draft.steps[step].node.key_place("compensate"),
               is_pivot ? "the pivot is never undone" : "a step after the pivot is never undone",
               "remove compensate, or say cancelUntil: forever");
}

}  // namespace

void check_pivot(const Draft& draft, FaultList& faults) {
  const auto pivot = draft.definition.pivot();
  if (!pivot) {
    if (draft.definition.cancel_until == core::CancelUntil::Pivot)
      faults.error(draft.source.key_place("cancelUntil"), "cancelUntil: pivot, but no step is the pivot",
                   "mark a step with pivot: true, or say end");
    return;
  }
  check_single(draft, *pivot, faults);
  check_itself(draft.definition.steps[*pivot], draft.steps[*pivot].node, faults);
  check_no_undo(draft, *pivot, faults);
  for (std::size_t i = *pivot + 1; i < draft.steps.size(); ++i) {
    check_can_be_finished(draft.definition.steps[i], draft.steps[i].node, faults);
    check_no_undo(draft, i, faults);
  }
}

}  // namespace skald::sagas
