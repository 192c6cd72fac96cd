// compensation: which step is undone next. The undo of a step is requested when every step that was requested
// after it was done, and has an undo, is undone (semantics.md section 3).
#pragma once

#include "engine/core/story.hpp"

namespace skald::core {

// Requests the undos that are due, or ends the saga when none is left. Nothing while an action is still
// awaited.
void go_back(Story& story);

// A child is undone as one; what its step declares to do instead is requested where that was refused.
void request_declared_undo(Story& story, const StepPath& path);

// The undo of the step is done. `answer` is the HTTP status that said so.
void finish_undo(Story& story, const StepPath& path, std::uint32_t attempts, Json output,
                 std::optional<int> answer = std::nullopt);

// Whether the step declares an undo, or is undone by its nature.
bool has_undo(const Step& step);

// Whether the undo under way was asked for by a cancel, and not caused by a failure or the clock.
bool is_cancelling(const State& state);

}  // namespace skald::core
