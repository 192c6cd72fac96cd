// start: the first event of a saga.
#pragma once

#include "engine/core/story.hpp"

namespace skald::core {

// A Conflict where the saga has started already.
Result<void> start(Story& story, const StartRequested& request);

}  // namespace skald::core
