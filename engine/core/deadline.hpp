// deadline: what the passing of time means for a saga: its own deadline, and the total timeout of accepted
// work.
#pragma once

#include <optional>

#include "engine/core/story.hpp"

namespace skald::core {

// When the saga as a whole must have ended, while that still counts: not behind the pivot, not in an undo.
std::optional<Timestamp> deadline_of(const Definition& definition, const State& state);

bool is_deadline_over(const Story& story);
// A cancel by the clock.
void pass_deadline(Story& story);
// Whatever is due is done.
void pass_time(Story& story);

}  // namespace skald::core
