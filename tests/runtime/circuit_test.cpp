#include "engine/runtime/circuit.hpp"

#include <doctest/doctest.h>

#include <chrono>

#include "engine/runtime/service_gate.hpp"

namespace skald::runtime {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kBegin{1'763'700'000'000'000};

sagas::CircuitBreaker limits() {
  sagas::CircuitBreaker limits;
  limits.failure_rate = 0.5;
  limits.window = 10s;
  limits.minimum_calls = 4;
  limits.open_for = 5s;
  limits.half_open_calls = 2;
  return limits;
}

// One call that leaves and comes back at once.
void call(Circuit& circuit, bool fails, Timestamp now) {
  REQUIRE_FALSE(circuit.closed_until(now));
  circuit.ended(circuit.begun(), fails, now);
}

Circuit opened() {
  Circuit circuit(limits());
  for (int i = 0; i < 4; ++i) call(circuit, true, kBegin);
  REQUIRE(circuit.state() == Circuit::State::Open);
  return circuit;
}

}  // namespace

TEST_CASE("circuit: it opens when so many of the calls in the window have failed, and enough were made") {
  Circuit circuit(limits());
  for (const bool fails : {true, false, true}) call(circuit, fails, kBegin);
  CHECK(circuit.state() == Circuit::State::Closed);
  call(circuit, true, kBegin + 1s);
  CHECK(circuit.state() == Circuit::State::Open);
  CHECK(circuit.closed_until(kBegin + 1s) == kBegin + 6s);
}

TEST_CASE("circuit: what is older than the window does not count") {
  Circuit circuit(limits());
  for (int i = 0; i < 3; ++i) call(circuit, true, kBegin);
  call(circuit, true, kBegin + 11s);
  CHECK(circuit.state() == Circuit::State::Closed);
}

TEST_CASE("circuit: fewer failures than the rate leave it closed") {
  Circuit circuit(limits());
  for (int i = 0; i < 100; ++i) call(circuit, i % 5 >= 3, kBegin);
  CHECK(circuit.state() == Circuit::State::Closed);
}

TEST_CASE("circuit: after its time it lets a few through, and closes when they succeed") {
  Circuit circuit = opened();
  CHECK(circuit.closed_until(kBegin + 4s));
  REQUIRE_FALSE(circuit.closed_until(kBegin + 5s));
  const auto first = circuit.begun();
  REQUIRE_FALSE(circuit.closed_until(kBegin + 5s));
  const auto second = circuit.begun();
  CHECK(circuit.closed_until(kBegin + 5s));
  circuit.ended(first, false, kBegin + 5s);
  CHECK(circuit.state() == Circuit::State::HalfOpen);
  circuit.ended(second, false, kBegin + 5s);
  CHECK(circuit.state() == Circuit::State::Closed);
  CHECK_FALSE(circuit.closed_until(kBegin + 5s));
}

TEST_CASE("circuit: a probe that fails opens it again for its whole time") {
  Circuit circuit = opened();
  call(circuit, true, kBegin + 5s);
  CHECK(circuit.closed_until(kBegin + 9s) == kBegin + 10s);
}

TEST_CASE("circuit: what left before the circuit opened says nothing about the probes") {
  Circuit circuit(limits());
  const auto early = circuit.begun();
  for (int i = 0; i < 4; ++i) call(circuit, true, kBegin);
  REQUIRE_FALSE(circuit.closed_until(kBegin + 5s));
  circuit.ended(early, true, kBegin + 5s);
  CHECK(circuit.state() == Circuit::State::HalfOpen);
}

TEST_CASE(
    "service gate: no period sees more than one call above the rate limit, and none is lost to late timers") {
  sagas::Service service;
  service.rate_limit = sagas::RateLimit{10, 1s};
  ServiceGate gate(service, nullptr);
  std::vector<Timestamp> entered;
  for (Timestamp now = kBegin; now < kBegin + 5s; now = now + 7ms)
    if (std::holds_alternative<std::uint64_t>(gate.enter(now))) entered.push_back(now);
  CHECK(entered.size() >= 48);
  for (std::size_t i = 11; i < entered.size(); ++i) CHECK(entered[i] - entered[i - 11] >= 1s);
  const auto closed = gate.enter(entered.back());
  REQUIRE(std::holds_alternative<GateClosed>(closed));
  CHECK_FALSE(std::get<GateClosed>(closed).circuit);
}

}  // namespace skald::runtime
