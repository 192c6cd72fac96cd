// checks: what must hold when a run is over (reliability.md, "Invariants"), read from three sides: the log,
// the ledger of the services, and what the clients were told. The rules of a saga's events are those of
// tests/core/legal_log, a second reading that shares no code with the engine.
#pragma once

#include "tests/simulation/clients.hpp"

namespace skald::simulation {

struct Evidence {
  Surroundings& surroundings;
  const store::MemoryStore& store;
  const Witness& witness;
  const Ledger& ledger;
  const Clients& clients;
};

// Whether every saga has ended, or stands in `stuck`.
bool is_settled(const store::MemoryStore& store);

// Tells the surroundings what is violated.
void check_all(const Evidence& evidence);

// Where a saga stands, from its events alone.
std::string status_of(const std::vector<core::Event>& events);

// Of the whole log, event by event.
std::string hash_of(const store::MemoryStore& store);

}  // namespace skald::simulation
