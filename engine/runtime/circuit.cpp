#include "engine/runtime/circuit.hpp"

namespace skald::runtime {
namespace {

constexpr int kSlices = 10;
// While the probes of a half-open circuit are on their way, the others look again after this long at the
// latest.
constexpr Duration kLookAgain = std::chrono::milliseconds(250);

}  // namespace

std::optional<Timestamp> Circuit::closed_until(Timestamp now) {
  if (state_ == State::Open && now >= open_until_) become(State::HalfOpen);
  switch (state_) {
    case State::Closed: return std::nullopt;
    case State::Open: return open_until_;
    case State::HalfOpen:
      if (probes_ < limits_.half_open_calls) return std::nullopt;
      return now + kLookAgain;
  }
  return std::nullopt;
}

std::uint64_t Circuit::begun() {
  if (state_ == State::HalfOpen) ++probes_;
  return changes_;
}

void Circuit::ended(std::uint64_t call, bool failed, Timestamp now) {
  if (call != changes_) return;
  if (state_ == State::Closed) return count(failed, now);
  if (state_ != State::HalfOpen) return;
  if (failed) return open(now);
  if (++proofs_ >= limits_.half_open_calls) become(State::Closed);
}

void Circuit::count(bool failed, Timestamp now) {
  const Duration slice = limits_.window / kSlices;
  while (!window_.empty() && window_.front().begin + limits_.window <= now) window_.pop_front();
  if (window_.empty() || window_.back().begin + slice <= now) window_.push_back({now, 0, 0});
  ++window_.back().calls;
  window_.back().failures += failed ? 1 : 0;

  std::uint32_t calls = 0, failures = 0;
  for (const Slice& one : window_) {
    calls += one.calls;
    failures += one.failures;
  }
  if (failed && calls >= limits_.minimum_calls && failures >= limits_.failure_rate * calls) open(now);
}

void Circuit::open(Timestamp now) {
  become(State::Open);
  open_until_ = now + limits_.open_for;
}

void Circuit::become(State state) {
  state_ = state;
  ++changes_;
  probes_ = proofs_ = 0;
  window_.clear();
}

}  // namespace skald::runtime
