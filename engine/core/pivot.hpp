// pivot: whether the way back is still open, and when a pivot must be retried without end.
#pragma once

#include "engine/core/definition.hpp"
#include "engine/core/state.hpp"

namespace skald::core {

// The way back closes when the pivot's request is recorded (of one that only waits or sets values: when it
// has succeeded), and opens again only if the pivot certainly was not done.
bool is_past_pivot(const Definition& definition, const State& state);

// What is answered to whoever wants the saga undone after that.
Error no_way_back(const Definition& definition);

// The request of the pivot left and nobody knows what became of it: no limit of its retries counts.
bool is_unknown_pivot(const Step& step, const State& state);

}  // namespace skald::core
