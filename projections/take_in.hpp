// take_in: what one event, fresh or read from the log, does to the rows of a generation. The runner folds
// with it, and so does who folds the log once more (`skald replay verify`, `skald view at`).
#pragma once

#include <vector>

#include "projections/generations.hpp"
#include "projections/saga_states.hpp"

namespace skald::views {

// Nothing for an event that somebody decided to leave out. `seen`: the saga after the event; may be null for
// a view that needs no states. An Error: the view cannot take it in, and why.
Result<std::vector<store::RowChange>> take_in(const FoldedView& view, const ViewEvent& event,
                                              const SagaStates::Seen* seen);

}  // namespace skald::views
