// An undo uses only data that surely exists when it runs. The step it undoes may be only possibly done (no
// answer came), and the steps after it may never have begun.
#include "sagas/soundness/scope.hpp"
#include "sagas/soundness/soundness.hpp"

namespace skald::sagas {
namespace {

const std::string kRemedy = "give a default with //, or use what the saga knows before: .input, .saga.id";

void check_doubt(const Draft& draft, const ExpressionUse& use, core::StepIndex other, FaultList& faults) {
  const std::string reads =
      "this undo reads the step '" + draft.definition.steps[other].id + "', which may have ";
  switch (doubt(draft.definition, use.step, other)) {
    case Doubt::None: return;
    case Doubt::Skipped: return faults.warning(use.place, reads + "been skipped", kRemedy);
    case Doubt::GivenUp: return faults.warning(use.place, reads + "been given up", kRemedy);
    case Doubt::NoEvent: return faults.warning(use.place, reads + "ended without an event", kRemedy);
  }
}

void check_itself(const Draft& draft, const ExpressionUse& use, FaultList& faults) {
  // Something left, and what became of it may be unknown.
  if (std::holds_alternative<core::Action>(draft.definition.steps[use.step].kind))
    return faults.warning(
        use.place,
        "this undo needs the answer of its own step, and there is none when the call was not answered",
        kRemedy);
  check_doubt(draft, use, use.step, faults);
}

void check_use(const Draft& draft, const ExpressionUse& use, core::StepIndex other, FaultList& faults) {
  const std::string reads = "this undo reads the step '" + draft.definition.steps[other].id + "', ";
  switch (sight(draft.definition, use.step, other)) {
    case Sight::Itself: return check_itself(draft, use, faults);
    case Sight::Earlier: return check_doubt(draft, use, other, faults);
    case Sight::Around: return faults.error(use.place, reads + "which holds it and may not be done", kRemedy);
    case Sight::Inside:
    case Sight::Later: return faults.error(use.place, reads + "which may not have run yet", kRemedy);
    case Sight::OtherBranch:
      return faults.error(use.place, reads + "which is in another branch and may not have run", kRemedy);
    case Sight::OtherCase:
      return faults.error(use.place, reads + "which is in another case and does not run beside it", kRemedy);
    case Sight::OfItems:
      return faults.error(use.place, reads + "which is inside of a forEach: there is one for each item",
                          "read the forEach: its output is the list of what its items gave");
  }
}

}  // namespace

void check_undo_data(const Draft& draft, FaultList& faults) {
  for (const ExpressionUse& use : draft.uses) {
    const bool in_undo = use.site == ExpressionSite::UndoRequest || use.site == ExpressionSite::UndoHeader;
    if (!in_undo || use.reference.size() < 2 || use.reference.front() != "steps") continue;
    const auto index = draft.index_of(use.reference[1]);
    if (!index) continue;  // references.cpp has said so
    // What its author gave a default for is sure, and so is the status of any step but those of items.
    const bool status = use.reference.size() == 3 && use.reference[2] == "status";
    const bool of_items = sight(draft.definition, use.step, *index) == Sight::OfItems;
    if (of_items || (!status && !use.has_default)) check_use(draft, use, *index, faults);
  }
}

}  // namespace skald::sagas
