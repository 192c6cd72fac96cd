// plan: everything that is outstanding for a saga, from its state alone. A saga that runs and one that was
// recovered after a crash take the same path through here.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/command.hpp"
#include "engine/core/decide.hpp"
#include "engine/core/definition.hpp"
#include "engine/core/state.hpp"

namespace skald::core {

std::vector<Command> plan(const Definition& definition, const State& state);

// What is outstanding for that step; with an empty path, for the saga as a whole. None: nothing.
std::optional<Command> command_of(const Definition& definition, const State& state, const StepPath& step);

// Whose commands may be others than before, so that a saga with a thousand of them need not list them all
// after each event.
struct Replan {
  bool everything = false;
  std::vector<StepPath> steps{};  // these, and always that of the saga as a whole

  void after(const Decision& decision);
};

}  // namespace skald::core
