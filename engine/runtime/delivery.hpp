// Delivery: one event on its way to all whom it concerns (semantics.md section 4): the running sagas of its
// business key that name it, and the definitions that start on it. Whoever has it already takes it once, so a
// delivery that broke off is simply made again. One who cannot take it keeps it from nobody else.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/runtime/other_sagas.hpp"
#include "engine/runtime/owners.hpp"

namespace skald::runtime {

class Delivery : public std::enable_shared_from_this<Delivery> {
 public:
  // Unavailable where somebody could not be asked: to be made again.
  static void begin(Owners& owners, EventToDeliver event, Done<Reached> done);

  Delivery(Owners& owners, EventToDeliver event, Done<Reached> done);

 private:
  void find_receivers(std::optional<SagaId> before);
  bool is_receiver(const store::SagaRow& row) const;
  void tell_next();
  void told(SagaId receiver, const Result<Snapshot>& saga);
  void start_next();
  void begin_saga(const sagas::CatalogEntry& entry, const core::StartOn& on);
  core::StartRequested start_of(const sagas::CatalogEntry& entry, const core::StartOn& on,
                                const Json& scope) const;
  void started(const Result<Lane::BeginOutcome>& outcome);
  std::string start_key() const { return "event:" + event_.source + ":" + event_.id; }

  Owners& owners_;
  EventToDeliver event_;
  Done<Reached> done_;
  Reached reached_;
  std::optional<Error> missed_;  // why somebody could not be asked
  std::vector<SagaId> receivers_;
  std::vector<std::pair<sagas::CatalogEntry, const core::StartOn*>> starts_;
};

}  // namespace skald::runtime
