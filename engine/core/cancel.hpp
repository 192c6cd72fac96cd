// cancel: whether a cancel is accepted, and what it begins (`cancelUntil`; semantics.md section 3).
#pragma once

#include <optional>

#include "engine/core/story.hpp"

namespace skald::core {

// No events where the saga is being cancelled, or is cancelled, already. A Conflict says why it is too late.
Result<void> cancel(Story& story, const CancelRequested& request);

// Why a cancel that is accepted `until` then comes too late; nothing where it does not.
std::optional<Error> too_late(const Definition& definition, const State& state, CancelUntil until);

}  // namespace skald::core
