#include "engine/runtime/service_gate.hpp"

#include <algorithm>

namespace skald::runtime {

// Calls keep their distance: a period sees one more than it may at most, when an earlier one was late.
ServiceGate::ServiceGate(const sagas::Service& service, prometheus::Gauge* shown) : shown_(shown) {
  if (service.circuit_breaker) circuit_.emplace(*service.circuit_breaker);
  if (service.rate_limit) interval_ = service.rate_limit->period / service.rate_limit->calls;
  show();
}

std::variant<std::uint64_t, GateClosed> ServiceGate::enter(Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (circuit_) {
    const auto until = circuit_->closed_until(now);
    show();
    if (until) return GateClosed{*until, true};
  }
  if (interval_.count() > 0) {
    if (now < next_) return GateClosed{next_, false};
    // A timer fires a little late: what was missed by less than one distance is made up for.
    next_ = std::max(next_, now - interval_) + interval_;
  }
  return circuit_ ? circuit_->begun() : 0;
}

void ServiceGate::leave(std::uint64_t call, bool failed, Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (!circuit_) return;
  circuit_->ended(call, failed, now);
  show();
}

void ServiceGate::show() {
  if (circuit_ && shown_) shown_->Set(static_cast<double>(circuit_->state()));
}

std::shared_ptr<ServiceGate> ServiceGates::of(const sagas::Service& service) {
  const ServiceLimits limits(service);
  const std::lock_guard lock(mutex_);
  const auto known = gates_.find(service.name);
  if (known != gates_.end() && known->second.limits == limits) return known->second.gate;
  // Lanes that still have the old gate end their calls there.
  auto* shown = limits.breaker ? &metrics_.circuit(service.name) : nullptr;
  auto gate = limits.none() ? nullptr : std::make_shared<ServiceGate>(service, shown);
  gates_.insert_or_assign(service.name, Known{gate, limits});
  return gate;
}

}  // namespace skald::runtime
