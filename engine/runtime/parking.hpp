// parking: when a saga that nobody works on has to be looked at again.
#pragma once

#include <optional>

#include "engine/core/definition.hpp"
#include "engine/core/state.hpp"

namespace skald::runtime {

// "Until something reaches it": the due time of a saga that waits for a person only.
inline constexpr Timestamp kNever{253'402'300'799'000'000};  // 9999-12-31T23:59:59Z

// When the first thing of its plan is to be done; none: something is under way, or must be now.
std::optional<Timestamp> next_due(const core::Definition& definition, const core::State& state);

// The same, if that is far enough away to park the saga until then.
std::optional<Timestamp> parked_until(const core::Definition& definition, const core::State& state,
                                      Timestamp now);

}  // namespace skald::runtime
