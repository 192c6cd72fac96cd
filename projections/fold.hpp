// fold: what one event does to the rows of a view. Pure and deterministic: live views, rebuilds, `replay
// verify` and `view at` all go through here. store::compose() nets what several events do to one row.
#pragma once

#include <string_view>
#include <vector>

#include "engine/core/definition.hpp"
#include "engine/core/state.hpp"
#include "projections/lasting.hpp"
#include "projections/view.hpp"

namespace skald::views {

// One event of the log, as it is shown to a view.
struct Occurrence {
  SagaId saga;
  std::string_view type;  // "StepSucceeded"
  const Json& payload;    // its fields, as stored
  store::EventPlace place;
  // The saga's state after the event, and its definition. May be null for a view that needs no state.
  const core::State* state = nullptr;
  const core::Definition* definition = nullptr;
  // What expressions see of it, where somebody has made that already, for all that the view reads.
  const Json* scope = nullptr;
};

// One change per row that the event touches: mostly none or one; several where rules have keys of their own.
// An Error is a sentence that says which rule and column, and what does not fit: the view stops there.
Result<std::vector<store::RowChange>> fold(const View& view, const Occurrence& event,
                                           Wanted wanted = Wanted::all());

}  // namespace skald::views
