// plan: everything that is outstanding for a saga, from its state alone. A saga that runs and one that was
// recovered after a crash take the same path through here.
#pragma once

#include <vector>

#include "engine/core/command.hpp"
#include "engine/core/definition.hpp"
#include "engine/core/state.hpp"

namespace skald::core {

std::vector<Command> plan(const Definition& definition, const State& state);

}  // namespace skald::core
