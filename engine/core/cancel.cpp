#include "engine/core/cancel.hpp"

#include <string>

#include "engine/core/compensation.hpp"
#include "engine/core/failure.hpp"
#include "engine/core/pivot.hpp"

namespace skald::core {
namespace {

// Why a saga that has ended or is being undone cannot be cancelled; nothing where it can.
std::optional<Error> too_late(const Definition& definition, const State& state, bool by_parent) {
  // A child is undone with its parent, also when it is over, as long as there is a way back.
  const bool whenever = by_parent && !is_past_pivot(definition, state);
  const CancelUntil until = whenever ? CancelUntil::Forever : definition.cancel_until;
  if (state.phase == Phase::NotStarted) return conflict("the saga has not started");
  if (state.compensation_version != 0)
    return conflict(state.phase == Phase::Ended
                        ? "the saga has been undone already: it is " + status_of(state)
                        : "the saga is being undone for another reason already");
  if (state.phase == Phase::Ended && !state.has_completed())
    return conflict("the saga has ended already: it is " + status_of(state));
  if (until == CancelUntil::Never)
    return conflict("this saga cannot be cancelled: its definition says cancelUntil: never");
  if (until == CancelUntil::Forever) return std::nullopt;
  if (state.phase == Phase::Ended) return conflict("the saga has ended already: it is " + status_of(state));
  if (is_past_pivot(definition, state))
    return conflict("there is no way back: the step '" + definition.steps[*definition.pivot()].id +
                    "' has been requested");
  return std::nullopt;
}

}  // namespace

Result<void> cancel(Story& story, const CancelRequested& request) {
  const State& state = story.state();
  if (is_cancelling(state)) return {};
  if (auto reason = too_late(story.definition(), state, request.by_parent)) return *reason;
  Problem cause = make_problem(problem_type::kCancelled, request.reason);
  cause.by = request.by;
  start_undo(story, std::move(cause), request.by);
  return {};
}

}  // namespace skald::core
