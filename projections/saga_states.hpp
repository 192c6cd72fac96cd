// SagaStates: the states of the sagas whose events a runner sees, as they stand after each event. A saga that
// it does not hold, or holds at another place, is read from the log up to the event before. Bounded: the one
// that was not seen for longest goes first.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "engine/core/definition.hpp"
#include "engine/core/state.hpp"
#include "eventstore/view_store.hpp"
#include "projections/view_event.hpp"
#include "sagas/catalog.hpp"

namespace skald::views {

class SagaStates {
 public:
  using FindCatalog = std::function<std::shared_ptr<const sagas::Catalog>()>;
  SagaStates(store::ViewStore& log, FindCatalog catalog, std::size_t limit);

  // Loads what after() needs for these events, which are taken in their order then.
  void prepare(const std::vector<ViewEventPtr>& events, std::function<void(Result<void>)> done);

  struct Seen {
    core::State state;
    std::shared_ptr<const core::Definition> definition;
  };
  // The saga with this event folded in; valid until the next call. An Error where event and log do not fit
  // together, or the definition is not known here (yet).
  Result<const Seen*> after(const ViewEvent& event);

  std::size_t size() const { return known_.size(); }

 private:
  struct Needed {
    SagaId saga;
    std::int32_t version;
  };
  struct Known {
    Seen seen;
    std::list<SagaId>::iterator place;  // in order_
  };
  void load(std::shared_ptr<std::vector<Needed>> needed, std::function<void(Result<void>)> done);
  void read(Needed wanted, core::State state, std::function<void(Result<core::State>)> done);
  Seen& keep(SagaId saga);
  void drop(SagaId saga);

  store::ViewStore& log_;
  FindCatalog catalog_;
  std::size_t limit_;
  std::unordered_map<SagaId, Known> known_;
  std::list<SagaId> order_;    // seen last at the end
  std::vector<SagaId> ended_;  // mostly nothing comes after the end: not held beyond the batch
};

}  // namespace skald::views
