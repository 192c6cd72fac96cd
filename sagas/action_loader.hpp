// The kinds that have an effect outside of the saga, as a step or as its undo: http, task, emit, saga.
#pragma once

#include <array>
#include <string_view>

#include "engine/core/definition.hpp"
#include "sagas/expression_use.hpp"

namespace skald::sagas {

inline constexpr std::array<std::string_view, 4> kActionWords = {"http", "task", "emit", "saga"};

// `word` is one of kActionWords, `node` its value. Faulty parts keep their defaults.
core::Action read_action(std::string_view word, const Yaml& node, ActionSide side, std::size_t step,
                         ExpressionReader& expressions, FaultList& faults);

}  // namespace skald::sagas
