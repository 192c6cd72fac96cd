// Samples: the inputs and answers that a definition is walked through with. Made up from its schema and from
// what its expressions read, the same every time; as many kinds of them as make its conditions and lists
// come out differently, and one where nothing depends on them.
#pragma once

#include <vector>

#include "sagas/explore/expressions.hpp"
#include "sagas/explore/ideal.hpp"

namespace skald::sagas {

// Kinds of one value beyond these are left out: each multiplies the histories.
inline constexpr std::size_t kMostKinds = 12;

struct Samples {
  std::vector<Json> inputs;
  std::map<std::string, std::vector<Json>, std::less<>>
      answers;  // by step: body, output, or data of an event

  const std::vector<Json>& of(std::string_view step) const;
};

Samples make_samples(const core::Definition& definition);

// Values that stand in the text of a condition, and the numbers beside them.
std::vector<Json> constants_in(std::string_view text);

}  // namespace skald::sagas
