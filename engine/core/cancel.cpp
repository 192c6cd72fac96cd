#include "engine/core/cancel.hpp"

#include <string>

#include "engine/core/compensation.hpp"
#include "engine/core/failure.hpp"
#include "engine/core/pivot.hpp"

namespace skald::core {
std::optional<Error> too_late(const Definition& definition, const State& state, CancelUntil until) {
  if (state.phase == Phase::NotStarted) return conflict("the saga has not started");
  if (state.is_undoing())
    return conflict(state.phase == Phase::Ended
                        ? "the saga has been undone already: it is " + status_of(state)
                        : "the saga is being undone for another reason already");
  if (state.phase == Phase::Ended && !state.has_completed())
    return conflict("the saga has ended already: it is " + status_of(state));
  if (until == CancelUntil::Never)
    return conflict("this saga cannot be cancelled: its definition says cancelUntil: never");
  if (until == CancelUntil::Forever) return std::nullopt;
  if (state.phase == Phase::Ended) return conflict("the saga has ended already: it is " + status_of(state));
  if (is_past_pivot(definition, state)) return no_way_back(definition);
  return std::nullopt;
}

Result<void> cancel(Story& story, const CancelRequested& request) {
  const State& state = story.state();
  if (is_cancelling(state)) return {};
  // A child is undone with its parent, also when it is over, as long as there is a way back.
  const bool whenever = request.by_parent && !is_past_pivot(story.definition(), state);
  const CancelUntil until = whenever ? CancelUntil::Forever : story.definition().cancel_until;
  if (auto reason = too_late(story.definition(), state, until)) return *reason;
  Problem cause = make_problem(problem_type::kCancelled, request.reason);
  cause.by = request.by;
  start_undo(story, std::move(cause), request.by);
  return {};
}

}  // namespace skald::core
