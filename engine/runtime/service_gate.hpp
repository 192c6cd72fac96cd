// ServiceGate: whether a call to one service may leave now: its rate limit and its circuit breaker. One per
// service and node, shared by all lanes.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "engine/runtime/circuit.hpp"
#include "engine/runtime/service_caller.hpp"

namespace skald::runtime {

class ServiceGate {
 public:
  explicit ServiceGate(const sagas::Service& service);

  // One call enters; it says later how it ended. Where it must not: when to come again, and why.
  std::variant<std::uint64_t, GateClosed> enter(Timestamp now);
  void leave(std::uint64_t call, bool failed, Timestamp now);
  Circuit::State circuit() const;

 private:
  mutable std::mutex mutex_;
  std::optional<Circuit> circuit_;
  Duration interval_{0};  // between two calls; 0: no limit
  Timestamp next_;        // the earliest time of the next call
};

// The gates of a node, made anew where the registration changes.
class ServiceGates {
 public:
  std::shared_ptr<ServiceGate> of(const sagas::Service& service);

 private:
  struct Known {
    std::shared_ptr<ServiceGate> gate;
    std::optional<sagas::RateLimit> rate;
    std::optional<sagas::CircuitBreaker> breaker;
  };
  std::mutex mutex_;
  std::map<std::string, Known> gates_;
};

}  // namespace skald::runtime
