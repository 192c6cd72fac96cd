// Spot: the place of a value that somebody outside gives: in the input, or in what a step is answered. What
// an expression reads is followed back to there, through items of a forEach and outputs that only pass a
// value on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/definition.hpp"

namespace skald::sagas {

inline constexpr const char* kElement = "[]";  // in a path: of each element of the list

struct Spot {
  std::string source;             // empty: the input; else the id of the step that is answered
  std::vector<std::string> path;  // {"lines", "[]", "price"}
  auto operator<=>(const Spot&) const = default;
};

// None where the value is computed, or Skald's own.
std::optional<Spot> spot_of(const core::Definition& definition, std::optional<core::StepIndex> reader,
                            const core::Reference& reference);

// Whether somebody outside answers that step: a service, a worker, a child, an event.
bool is_answered(const core::Step& step);

}  // namespace skald::sagas
