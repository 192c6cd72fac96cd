// advance: what follows by itself after an input was taken: the next step, the next undo, the end.
#pragma once

#include "engine/core/story.hpp"

namespace skald::core {

// Until something is outstanding that only the world can answer.
void advance(Story& story);

}  // namespace skald::core
