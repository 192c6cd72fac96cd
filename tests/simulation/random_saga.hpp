// random_saga: a saga file as a user could have written it, with a bit of everything that changes how a saga
// runs. It is text, so that the definition of a failing seed can be read, and it goes through the real
// loader.
#pragma once

#include <string>

#include "tests/simulation/chance.hpp"

namespace skald::simulation {

// The longest that a saga of random_saga waits for anything by itself: an interval between two attempts with
// its jitter, a total timeout or the deadline.
inline constexpr Duration kLongestWait = std::chrono::seconds(100);

struct SagaTraits {
  bool all_kinds = false;  // steps of every kind, inside of each other; else http alone
  std::string child;       // the definition that its children have; empty: it has none
  bool listens = false;    // begins by the event Begin, which it does not emit itself
};

std::string random_saga(Chance& chance, const std::string& name, const SagaTraits& traits = {});

// What they emit, wait for and are cancelled by.
inline constexpr const char* kBegins = "Begin";
inline constexpr const char* kEvents[] = {"Paid", "Sent", "Closed"};
inline constexpr const char* kQueues[] = {"left", "right"};

}  // namespace skald::simulation
