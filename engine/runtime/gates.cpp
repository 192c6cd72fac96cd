// Calls that wait at the gate of their service: for the rate limit, or an open circuit. One queue per
// service, in the order in which they came.
#include "engine/base/failpoint.hpp"
#include "engine/core/render.hpp"
#include "engine/runtime/lane.hpp"

namespace skald::runtime {
namespace {

struct CallOf {
  std::pair<core::StepPath, core::Operation> operator()(const core::CallService& call) const {
    return {call.step, call.operation};
  }
  std::pair<core::StepPath, core::Operation> operator()(const core::PollLocation& poll) const {
    return {poll.step, poll.operation};
  }
  std::pair<core::StepPath, core::Operation> operator()(const auto&) const { return {}; }
};

}  // namespace

void Lane::wait_at_gate(LiveSaga& saga, Outstanding& outstanding, const std::string& service,
                        GateClosed closed) {
  Gate& gate = gates_[service];
  gate.waiting.emplace_back(saga.id, outstanding.ticket);
  gate.closed = closed;
  if (gate.timer == 0) watch_gate(service, closed.until);
  if (closed.circuit) tell_of_circuit(saga, outstanding, closed.until);
}

void Lane::watch_gate(const std::string& service, Timestamp until) {
  gates_[service].timer = parts_.timers.at(until, [this, service] {
    FAILPOINT("gate-looked-at-again");
    gates_[service].timer = 0;
    open_gate(service);
  });
}

// Told once per opening, by an event of the saga; or the saga gives the step up at once, where somebody waits
// for it.
void Lane::tell_of_circuit(LiveSaga& saga, const Outstanding& outstanding, Timestamp until) {
  const auto [step, operation] = std::visit(CallOf{}, outstanding.command);
  parts_.post([this, id = saga.id, ticket = outstanding.ticket, step = step, operation = operation, until] {
    const auto found = live_.find(id);
    if (found == live_.end()) return;
    const Outstanding* waiting = find_outstanding(*found->second, ticket);
    if (!waiting || waiting->sent) return;
    drive(*found->second, core::CircuitOpened{step, operation, until, waiting->sent_before});
  });
}

// Lets those in whom the gate lets in now.
void Lane::open_gate(const std::string& service) {
  const auto found = gates_.find(service);
  if (found == gates_.end()) return;
  Gate& gate = found->second;
  while (!gate.waiting.empty() && !draining_) {
    const auto [id, ticket] = gate.waiting.front();
    const auto saga = live_.find(id);
    Outstanding* outstanding = saga == live_.end() ? nullptr : find_outstanding(*saga->second, ticket);
    if (outstanding && !outstanding->sent) {
      if (const auto closed = send_now(*saga->second, *outstanding)) {
        gate.closed = *closed;
        if (gate.timer == 0) watch_gate(service, closed->until);
        return;
      }
    }
    gate.waiting.pop_front();
  }
  parts_.timers.cancel(gate.timer);
  gates_.erase(found);
}

std::string Lane::service_of(const LiveSaga& saga, const Outstanding& outstanding) {
  const auto [step, operation] = std::visit(CallOf{}, outstanding.command);
  return std::get<core::HttpAction>(core::action_of(*saga.definition, step, operation)).service;
}

}  // namespace skald::runtime
