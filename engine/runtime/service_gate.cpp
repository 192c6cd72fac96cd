#include "engine/runtime/service_gate.hpp"

namespace skald::runtime {

// Calls keep their distance: a period sees one more than it may at most, when an earlier one was late.
ServiceGate::ServiceGate(const sagas::Service& service) {
  if (service.circuit_breaker) circuit_.emplace(*service.circuit_breaker);
  if (service.rate_limit) interval_ = service.rate_limit->period / service.rate_limit->calls;
}

std::variant<std::uint64_t, GateClosed> ServiceGate::enter(Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (circuit_)
    if (const auto until = circuit_->closed_until(now)) return GateClosed{*until, true};
  if (interval_.count() > 0) {
    if (now < next_) return GateClosed{next_, false};
    // A timer fires a little late: what was missed by less than one distance is made up for.
    next_ = std::max(next_, now - interval_) + interval_;
  }
  return circuit_ ? circuit_->begun() : 0;
}

void ServiceGate::leave(std::uint64_t call, bool failed, Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (circuit_) circuit_->ended(call, failed, now);
}

Circuit::State ServiceGate::circuit() const {
  const std::lock_guard lock(mutex_);
  return circuit_ ? circuit_->state() : Circuit::State::Closed;
}

std::shared_ptr<ServiceGate> ServiceGates::of(const sagas::Service& service) {
  const std::lock_guard lock(mutex_);
  Known& known = gates_[service.name];
  if (!known.gate || known.rate != service.rate_limit || known.breaker != service.circuit_breaker)
    known = {std::make_shared<ServiceGate>(service), service.rate_limit, service.circuit_breaker};
  return known.gate;
}

}  // namespace skald::runtime
