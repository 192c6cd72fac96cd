// random_definition: definitions with every feature of http steps, for the property test. Some expressions
// fail on purpose. The soundness rules hold: nothing has an undo behind the pivot unless cancelUntil is
// forever.
#pragma once

#include "engine/base/random.hpp"
#include "engine/core/definition.hpp"

namespace skald::core::testing {

Definition random_definition(Random& random);
// With steps of every kind, inside of each other; no pivot.
Definition random_nested_definition(Random& random);

// True once in `times`.
inline bool once_in(Random& random, std::uint64_t times) {
  return random.below(times) == 0;
}

}  // namespace skald::core::testing
