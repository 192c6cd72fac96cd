// take_in: what one event does to the rows of a generation. The runner folds with it, and so does who folds
// the log once more (`skald replay verify`, `skald view at`).
#pragma once

#include <vector>

#include "projections/generations.hpp"
#include "projections/shown_event.hpp"

namespace skald::views {

// Nothing for an event that somebody decided to leave out. An Error: the view cannot take it in, and why.
Result<std::vector<store::RowChange>> take_in(const FoldedView& view, ShownEvent& shown,
                                              Wanted wanted = Wanted::all());

}  // namespace skald::views
