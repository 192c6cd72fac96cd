// evolve: folds one event into a state. Total: it never fails, whatever the event.
#pragma once

#include "engine/core/event.hpp"
#include "engine/core/state.hpp"

namespace skald::core {

State evolve(State state, const Event& event);
// Takes note of progress that is not recorded.
State note(State state, const Progress& progress);
// The state without unrecorded progress: what a fold of the log gives.
State recorded(State state);

}  // namespace skald::core
