// compensation: which step is undone next. The undo of a step is requested when every step that was requested
// after it was done, and has an undo, is undone (semantics.md section 3).
#pragma once

#include "engine/core/story.hpp"

namespace skald::core {

// Requests the undos that are due, or ends the saga when none is left. Nothing while an action is still
// awaited.
void go_back(Story& story);

// Whether the undo under way was asked for by a cancel, and not caused by a failure or the clock.
bool is_cancelling(const State& state);

}  // namespace skald::core
