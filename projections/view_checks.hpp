// What must hold of a view as a whole, a file for each family of checks. Each adds faults and changes
// nothing.
#pragma once

#include "projections/view_draft.hpp"

namespace skald::sagas {
class Catalog;
}

namespace skald::views {

// Whether every row belongs to one partition: one and the same column of the key is .saga.id or
// .saga.businessKey in all rules. An id lies in the partition of the saga that bears it as its key
// (engine/base/ids.hpp), so the two may be mixed.
bool is_ordered(const ViewDraft& draft);

// What expressions read is there: fields of the rule's events, members of .saga, nothing unknown.
void check_references(const ViewDraft& draft, sagas::FaultList& faults);
// `remove` needs an order.
void check_removals(const ViewDraft& draft, sagas::FaultList& faults);
// Columns that nothing writes; counts that would count what never happened.
void check_columns(const ViewDraft& draft, sagas::FaultList& faults);
// Sagas, steps and events that the definitions do not know: warnings, since they may come later.
void check_names(const ViewDraft& draft, const sagas::Catalog& sagas, sagas::FaultList& faults);

}  // namespace skald::views
