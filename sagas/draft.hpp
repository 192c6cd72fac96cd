// Draft: a definition while it is being loaded, together with where each part stands in its file. The loaders
// fill it as far as the file allows, faulty parts left at their defaults, so that the soundness checks can
// still say what is wrong with the rest.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/definition.hpp"
#include "sagas/expression_use.hpp"
#include "sagas/yaml.hpp"

namespace skald::sagas {

// The kind of a step, if it is this one; Kind may be an action.
template <class Kind>
const Kind* as(const core::StepKind& kind) {
  if constexpr (std::is_constructible_v<core::Action, Kind>) {
    const auto* action = std::get_if<core::Action>(&kind);
    return action != nullptr ? std::get_if<Kind>(action) : nullptr;
  } else {
    return std::get_if<Kind>(&kind);
  }
}

struct StepSource {
  Yaml node;                        // the step's map
  std::optional<Yaml> action;       // the value of its kind's word; none: the step has no usable kind
  std::optional<Yaml> compensate;   // the value of `compensate`, `none` included
  std::optional<Yaml> undo_action;  // the map below `compensate.http` and the like
  // Whenever it runs after the pivot did. Steps of other cases than the pivot's own are not.
  bool after_pivot = false;
};

struct Draft {
  explicit Draft(Yaml document) : source(std::move(document)) {}

  Yaml source;
  core::Definition definition;
  std::vector<StepSource> steps;            // one for each of definition.steps
  std::optional<std::string> answer_after;  // as written
  std::vector<ExpressionUse> uses;

  // The same where the step's kind is usable.
  template <class Kind>
  const Kind* kind_of(core::StepIndex step) const {
    return steps[step].action ? as<Kind>(definition.steps[step].kind) : nullptr;
  }
  std::optional<std::size_t> index_of(std::string_view id) const {
    const core::Step* step = definition.find_step(id);
    if (step == nullptr) return std::nullopt;
    return definition.index_of(*step);
  }
  std::vector<std::string> step_ids() const {
    std::vector<std::string> ids;
    for (const core::Step& step : definition.steps) ids.push_back(step.id);
    return ids;
  }
};

}  // namespace skald::sagas
