// sequence: which step comes next. Steps of a block run one after the other; branches and items run side by
// side, each a sequence of its own.
#pragma once

#include "engine/core/story.hpp"

namespace skald::core {

// What comes after a step that has been closed: the next of its block, the end of its container, the end of
// the saga.
void go_on_after(Story& story, const StepPath& path);
// Looks through the whole saga for sequences that could go on: for the start, and after nothing could begin
// for a while.
void go_on_everywhere(Story& story);

// A container begins with the first steps of its blocks.
void enter(Story& story, const StepPath& path, const Switch& choice);
void enter(Story& story, const StepPath& path, const Parallel& parallel);
void enter(Story& story, const StepPath& path, const ForEach& loop);

}  // namespace skald::core
