// BatchFold: what the events of a batch do to the rows of several views at once. Each saga's state and what
// expressions see of an event are made once for all of them, and only where a value lasts (lasting.hpp).
#pragma once

#include <map>
#include <vector>

#include "eventstore/view_store.hpp"
#include "projections/generations.hpp"
#include "projections/lasting.hpp"
#include "projections/saga_states.hpp"

namespace skald::views {

class BatchFold {
 public:
  // Each partition's events in their order. They outlive this, as do the views.
  explicit BatchFold(const std::vector<ViewEventPtr>& events) : events_(events) {}

  void add(const FoldedView& view);
  bool needs_states() const;
  // `states` are prepared for the events, where they are needed. An Error: they and the log do not fit
  // together.
  Result<void> run(SagaStates& states);

  // The event that a view cannot take in. Nothing of the batch is told of such a view.
  struct Stopped {
    store::Generation generation = 0;
    Position at;
    std::string why;
  };
  std::vector<Stopped> stopped() const;
  // Of the others, netted.
  std::vector<store::ViewChanges> changes();

 private:
  struct Target {
    const FoldedView* view;
    std::vector<Wanted> wanted;  // of each event
    std::vector<store::RowChange> changes;
    std::optional<Stopped> stopped;
  };
  using References = std::vector<core::Reference>;

  void fold(std::size_t number, const SagaStates::Seen* seen);
  const References& read_by(const std::vector<bool>& targets);

  const std::vector<ViewEventPtr>& events_;
  std::vector<Target> targets_;
  std::map<std::vector<bool>, References> reads_;  // by the targets that take part
};

}  // namespace skald::views
