// Owners: the lanes that own sagas, as one lane reaches them. A request goes to whoever owns the saga, its
// answer comes back to the lane that asked. lanes_of_engine.hpp does it between threads; the simulator
// between nodes that die.
#pragma once

#include <memory>
#include <optional>

#include "engine/runtime/lane.hpp"

namespace skald::runtime {

// Of starts whose key stands for one request by itself: those of children and of events.
inline const std::string kNoRequestHash(64, '0');

// Each callback comes once, never inside the call. Unavailable: nobody knows, ask again.
class Owners {
 public:
  virtual ~Owners() = default;
  virtual void begin(Lane::Begin begin, Done<Lane::BeginOutcome> done) = 0;
  virtual void ask(SagaId id, core::Input input, Done<Snapshot> done) = 0;
  virtual void await(SagaId id, Satisfied satisfied, Duration patience, Done<Snapshot> done) = 0;

  // Of the lane that asks.
  virtual store::Log& log() = 0;
  virtual Random& random() = 0;
  virtual std::optional<Partition> next_partition() = 0;
  virtual std::shared_ptr<const sagas::Catalog> catalog() = 0;
};

}  // namespace skald::runtime
