#include "projections/take_in.hpp"

namespace skald::views {

Result<std::vector<store::RowChange>> take_in(const FoldedView& view, ShownEvent& shown, Wanted wanted) {
  const ViewEvent& event = shown.event();
  if (!view.view->concerns(event.type) || view.skipped.contains(event.place.position))
    return std::vector<store::RowChange>();
  const auto occurrence = shown.occurrence();
  if (!occurrence) return occurrence.error();
  return fold(*view.view, *occurrence, wanted);
}

}  // namespace skald::views
