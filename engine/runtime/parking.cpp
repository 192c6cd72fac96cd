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

// When the first command begins; none: something is under way, or begins before `patience` ends. Most sagas
// say so with their first command.
std::optional<Timestamp> first_begin(const core::Definition& definition, const core::State& state,
                                     Timestamp patience) {
  Timestamp earliest = kNever;
  const auto can_wait = [&](const core::StepPath& step) {
    const auto command = core::command_of(definition, state, step);
    if (!command) return true;
    const auto begin = std::visit(BeginOf{}, *command);
    if (begin) earliest = std::min(earliest, *begin);
    return begin && *begin >= patience;
  };
  for (const auto& [step, nothing] : state.open)
    if (!can_wait(step)) return std::nullopt;
  if (!can_wait({})) return std::nullopt;
  return earliest;
}

}  // namespace

std::optional<Timestamp> next_due(const core::Definition& definition, const core::State& state) {
  return first_begin(definition, state, Timestamp{});
}

std::optional<Timestamp> parked_until(const core::Definition& definition, const core::State& state,
                                      Timestamp now) {
  return first_begin(definition, state, now + kParkFrom);
}

}  // namespace skald::runtime
