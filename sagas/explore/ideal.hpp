// Ideal: a saga in which every step succeeded with the made-up answers, as far as expressions see it. Made-up
// values are tried out on it before any history is walked.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/definition.hpp"

namespace skald::sagas {

// By source (Spot::source): the input, and what each step is answered.
using Given = std::map<std::string, Json, std::less<>>;

class Ideal {
 public:
  Ideal(const core::Definition& definition, const Given& given);

  // What an expression of that step sees; inside of a forEach once for each item.
  std::vector<Json> roots(std::optional<core::StepIndex> reader) const;

 private:
  Json::Object base() const;
  Json given(std::string_view source) const;
  Json output_of(core::StepIndex step) const;
  Json declared(core::StepIndex step, const core::Template& value) const;
  Json outputs_of_items(core::StepIndex step, const core::ForEach& loop) const;

  const core::Definition& definition_;
  const Given& given_;
  std::map<std::string, Json> outputs_;
};

}  // namespace skald::sagas
