// ServiceGate: whether a call to one service may leave now: its rate limit and its circuit breaker. One per
// service and node, shared by all lanes.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "engine/runtime/circuit.hpp"
#include "engine/runtime/metrics.hpp"
#include "engine/runtime/service_caller.hpp"

namespace skald::runtime {

class ServiceGate {
 public:
  // `shown` says how the circuit stands: 0 closed, 1 half open, 2 open.
  ServiceGate(const sagas::Service& service, prometheus::Gauge* shown);

  // One call enters; it says later how it ended. Where it must not: when to come again, and why.
  std::variant<std::uint64_t, GateClosed> enter(Timestamp now);
  void leave(std::uint64_t call, bool failed, Timestamp now);

 private:
  void show();

  std::mutex mutex_;
  std::optional<Circuit> circuit_;
  Duration interval_{0};  // between two calls; 0: no limit
  Timestamp next_;        // the earliest time of the next call
  prometheus::Gauge* shown_;
};

// What a service registers that its gate keeps.
struct ServiceLimits {
  std::optional<sagas::RateLimit> rate;
  std::optional<sagas::CircuitBreaker> breaker;
  explicit ServiceLimits(const sagas::Service& service)
      : rate(service.rate_limit), breaker(service.circuit_breaker) {}
  bool none() const { return !rate && !breaker; }
  bool operator==(const ServiceLimits&) const = default;
};

// The gates of a node, made anew where the registration changes.
class ServiceGates {
 public:
  explicit ServiceGates(Metrics& metrics) : metrics_(metrics) {}
  // Null for a service without limits.
  std::shared_ptr<ServiceGate> of(const sagas::Service& service);

 private:
  struct Known {
    std::shared_ptr<ServiceGate> gate;
    ServiceLimits limits;
  };
  Metrics& metrics_;
  std::mutex mutex_;
  std::map<std::string, Known> gates_;
};

}  // namespace skald::runtime
