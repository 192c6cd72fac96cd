#include "engine/core/deadline.hpp"

#include "engine/core/attempt.hpp"
#include "engine/core/failure.hpp"
#include "engine/core/pivot.hpp"
#include "engine/core/waiting.hpp"

namespace skald::core {
namespace {

bool goes_forward(const State& state) {
  const bool stuck_forward = state.phase == Phase::Stuck && state.compensation_version == 0;
  return state.phase == Phase::Forward || stuck_forward;
}

}  // namespace

std::optional<Timestamp> deadline_of(const Definition& definition, const State& state) {
  if (!definition.timeout || state.paused || !goes_forward(state) || is_past_pivot(definition, state))
    return std::nullopt;
  return state.started_at + *definition.timeout;
}

bool is_deadline_over(const Story& story) {
  const auto deadline = deadline_of(story.definition(), story.state());
  return deadline && *deadline <= story.now();
}

void pass_deadline(Story& story) {
  const std::string limit = skald::to_text(story.definition().timeout.value());
  start_undo(story, make_problem(problem_type::kDeadline, "not done within " + limit), "");
}

void pass_time(Story& story) {
  if (is_deadline_over(story)) return pass_deadline(story);
  const auto open = story.state().open;
  for (const auto& [path, nothing] : open) {
    if (story.state().paused) return;
    // What became due earlier in this loop may have closed it.
    if (!story.state().open.contains(path)) continue;
    const Call call = call_of(story.definition(), story.state(), path);
    const auto end = polls_until(story.state(), call);
    if (end && *end <= story.now())
      give_up_polling(story, call);
    else
      end_wait(story, path);
  }
}

}  // namespace skald::core
