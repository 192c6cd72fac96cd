// An undo uses only data that surely exists when it runs. The step it undoes may be only possibly done (no
// answer came), and the steps after it may never have begun.
#include "sagas/soundness/soundness.hpp"

namespace skald::sagas {
namespace {

void check_use(const Draft& draft, const ExpressionUse& use, FaultList& faults) {
  const std::string& id = use.reference[1];
  const auto index = draft.index_of(id);
  if (!index) return;  // references.cpp has said so
  const std::string remedy = "give a default with //, or use what the saga knows before: .input, .saga.id";
  // The status of any step is always there, and so is what its author gave a default for.
  const bool sure = use.reference.size() == 3 && use.reference[2] == "status";
  if (sure || use.has_default) return;
  const core::Step& step = draft.definition.steps[*index];
  if (*index > use.step)
    faults.error(use.place, "this undo reads the step '" + id + "', which may not have run yet", remedy);
  else if (*index == use.step)
    faults.warning(
        use.place,
        "this undo needs the answer of its own step, and there is none when the call was not answered",
        remedy);
  else if (step.optional || step.condition)
    faults.warning(use.place,
                   "this undo reads the step '" + id + "', which may have been " +
                       (step.condition ? "skipped" : "given up"),
                   remedy);
}

}  // namespace

void check_undo_data(const Draft& draft, FaultList& faults) {
  for (const ExpressionUse& use : draft.uses) {
    const bool in_undo = use.site == ExpressionSite::UndoRequest || use.site == ExpressionSite::UndoHeader;
    if (in_undo && use.reference.size() >= 2 && use.reference.front() == "steps")
      check_use(draft, use, faults);
  }
}

}  // namespace skald::sagas
