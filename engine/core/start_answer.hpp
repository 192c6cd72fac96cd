// start_answer: when and how the request that started a saga is answered (`answerAfter`, semantics.md section
// 3). It follows from the events, so a replay of the request gives the same answer.
#pragma once

#include <optional>

#include "engine/core/definition.hpp"
#include "engine/core/state.hpp"

namespace skald::core {

enum class StartAnswer {
  Created,      // 201: the step succeeded or was skipped
  Refused,      // 422: the business refused
  Cancelled,    // 409: cancelled or terminated first
  Unavailable,  // 503: a service could not be asked; the undo is recorded
};

// Nothing while it is not decided. Without `answerAfter`: Created as soon as the saga has started.
std::optional<StartAnswer> start_answer(const Definition& definition, const State& state);

}  // namespace skald::core
