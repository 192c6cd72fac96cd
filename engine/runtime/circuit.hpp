// Circuit: keeps calls from a service that fails (closed → open → half open → closed; Nygard, "Release It!").
// Values in, values out: it is told the time, and whoever shares it between threads locks it
// (service_gate.hpp).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "engine/base/time.hpp"
#include "sagas/services.hpp"

namespace skald::runtime {

class Circuit {
 public:
  enum class State { Closed, HalfOpen, Open };

  explicit Circuit(const sagas::CircuitBreaker& limits) : limits_(limits) {}

  // When to come again, where no call may leave now. It changes nothing but that an open circuit becomes half
  // open.
  std::optional<Timestamp> closed_until(Timestamp now);
  // A call leaves. What it hands out goes back to ended(): outcomes of calls that left before the last change
  // of the state say nothing about the service as it is now.
  std::uint64_t begun();
  void ended(std::uint64_t call, bool failed, Timestamp now);

  State state() const { return state_; }

 private:
  struct Slice {  // a tenth of the window
    Timestamp begin;
    std::uint32_t calls = 0, failures = 0;
  };
  void become(State state);
  void open(Timestamp now);
  void count(bool failed, Timestamp now);

  sagas::CircuitBreaker limits_;
  State state_ = State::Closed;
  std::uint64_t changes_ = 0;
  std::deque<Slice> window_;
  Timestamp open_until_;
  std::uint32_t probes_ = 0, proofs_ = 0;  // half open: calls that left, and those that succeeded
};

}  // namespace skald::runtime
