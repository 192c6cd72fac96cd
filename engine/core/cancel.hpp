// cancel: whether a cancel is accepted, and what it begins (`cancelUntil`; semantics.md section 3).
#pragma once

#include "engine/core/story.hpp"

namespace skald::core {

// No events where the saga is being cancelled, or is cancelled, already. A Conflict says why it is too late.
Result<void> cancel(Story& story, const CancelRequested& request);

}  // namespace skald::core
