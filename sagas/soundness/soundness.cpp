#include "sagas/soundness/soundness.hpp"

namespace skald::sagas {

void check_soundness(Draft& draft, const ServiceRegistry* services, FaultList& faults) {
  check_compensations(draft, faults);
  check_pivot(draft, faults);
  check_references(draft, faults);
  check_undo_data(draft, faults);
  check_item_names(draft, faults);
  check_events_act(draft, faults);
  check_unreachable(draft, faults);
  check_input_fields(draft, faults);
  check_conditions(draft, faults);
  if (services != nullptr) check_services(draft, *services, faults);
  check_answer_after(draft, services, faults);
}

}  // namespace skald::sagas
