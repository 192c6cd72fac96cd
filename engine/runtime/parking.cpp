#include "engine/runtime/parking.hpp"

#include <algorithm>

#include "engine/core/plan.hpp"

namespace skald::runtime {
namespace {

// A saga that has nothing to do for this long leaves the memory until it is due (semantics.md section 6).
constexpr Duration kParkFrom = std::chrono::seconds(60);

// When a command begins; none: it is under way already.
struct BeginOf {
  std::optional<Timestamp> operator()(const core::CallService& call) const { return call.not_before; }
  std::optional<Timestamp> operator()(const core::PollLocation& poll) const { return poll.not_before; }
  std::optional<Timestamp> operator()(const core::WakeAt& wake) const { return wake.at; }
  std::optional<Timestamp> operator()(const auto&) const { return std::nullopt; }
};

}  // namespace

std::optional<Timestamp> next_due(const core::Definition& definition, const core::State& state) {
  Timestamp earliest = kNever;
  for (const core::Command& command : core::plan(definition, state)) {
    const auto begin = std::visit(BeginOf{}, command);
    if (!begin) return std::nullopt;
    earliest = std::min(earliest, *begin);
  }
  return earliest;
}

std::optional<Timestamp> parked_until(const core::Definition& definition, const core::State& state,
                                      Timestamp now) {
  const auto due = next_due(definition, state);
  if (!due || *due < now + kParkFrom) return std::nullopt;
  return due;
}

}  // namespace skald::runtime
