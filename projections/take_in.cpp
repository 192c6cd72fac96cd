#include "projections/take_in.hpp"

#include "projections/fold.hpp"

namespace skald::views {

Result<std::vector<store::RowChange>> take_in(const FoldedView& view, const ViewEvent& event,
                                              const SagaStates::Seen* seen) {
  if (!view.view->concerns(event.type) || view.skipped.contains(event.place.position))
    return std::vector<store::RowChange>();
  const auto payload = event.payload();
  if (!payload) return payload.error();
  return fold(*view.view, {event.saga, event.type, *payload, event.place, seen ? &seen->state : nullptr,
                           seen ? seen->definition.get() : nullptr});
}

}  // namespace skald::views
