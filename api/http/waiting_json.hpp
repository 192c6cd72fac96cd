// What a saga waits for, since when and until when: to whoever wonders why nothing moves. A list, since
// branches wait side by side.
#pragma once

#include <optional>

#include "engine/base/json.hpp"
#include "engine/base/time.hpp"
#include "engine/core/state.hpp"

namespace skald::api {

// [{step, operation, reason, since, until}, and by reason: event, key, queue, saga]. Reasons: answer, retry,
// poll, circuit-open, task, event, timer, child, delivery, and operator, resume, for which a person is
// needed.
Json waiting_for(const core::State& state);

// As RFC 3339 says it; none: null.
Json time_json(const std::optional<Timestamp>& time);

}  // namespace skald::api
