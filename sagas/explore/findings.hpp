// findings: the histories that end stuck or leave an effect, grouped by their cause, and whether the
// definition says that this can be. The table stands in sagas/EXPLORE.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/definition.hpp"
#include "sagas/explore/walk.hpp"

namespace skald::sagas {

struct Finding {
  std::string what;                // a sentence
  std::vector<std::string> stays;  // effects, in the shortest history
  std::string said_by;             // the words of the definition; empty: it does not say so
  std::uint64_t histories = 0;
  std::vector<std::string> story;  // of the shortest
};

// What the definition does not say comes first, then what most histories have.
std::vector<Finding> findings_of(const core::Definition& definition, const Walk& walk);

}  // namespace skald::sagas
