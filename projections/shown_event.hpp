// ShownEvent: one event, fresh or read from the log, as the views of a batch look at it. Its payload and what
// expressions see are made when the first of them asks, and serve all of them.
#pragma once

#include <optional>
#include <vector>

#include "projections/fold.hpp"
#include "projections/saga_states.hpp"

namespace skald::views {

class ShownEvent {
 public:
  // `seen`: the saga after the event; may be null where no view needs states. `reads`: what any of the views
  // reads. All of them outlive this.
  ShownEvent(const ViewEvent& event, const SagaStates::Seen* seen, const std::vector<core::Reference>& reads)
      : event_(event), seen_(seen), reads_(reads) {}

  const ViewEvent& event() const { return event_; }
  // Valid as long as this. An Error where the payload is none.
  Result<Occurrence> occurrence();

 private:
  const ViewEvent& event_;
  const SagaStates::Seen* seen_;
  const std::vector<core::Reference>& reads_;
  std::optional<Result<Json>> payload_;
  std::optional<Json> scope_;
};

}  // namespace skald::views
