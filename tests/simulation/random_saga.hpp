// random_saga: a saga file as a user could have written it, with a bit of everything that changes how a saga
// runs. It is text, so that the definition of a failing seed can be read, and it goes through the real
// loader.
#pragma once

#include <string>

#include "tests/simulation/chance.hpp"

namespace skald::simulation {

// The longest that a saga of random_saga waits for anything by itself: an interval between two attempts with
// its jitter, a total timeout or the deadline.
inline constexpr Duration kLongestWait = std::chrono::seconds(96);

std::string random_saga(Chance& chance, const std::string& name);

}  // namespace skald::simulation
