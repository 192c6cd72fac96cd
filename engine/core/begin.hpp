// begin: a step begins. What has no effect outside is over at once; everything else is outstanding from here
// on.
#pragma once

#include "engine/core/story.hpp"

namespace skald::core {

// Its condition, its request, and whatever of it can happen at once.
void begin(Story& story, const StepPath& path, const Step& step);
// Once more, after an operator asked for it; RetryRequested is told already.
void begin_again(Story& story, const StepPath& path, const Step& step);

// The step is done. Its output is what it declares, over the scope, else `output`; an expression that fails
// makes the step one that is done and whose answer cannot be used.
void finish_step(Story& story, const StepPath& path, Json output);

}  // namespace skald::core
