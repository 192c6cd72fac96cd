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

struct StepSource {
  Yaml node;                        // the step's map
  std::optional<Yaml> action;       // the map below `http`; none: the step has no usable kind
  std::optional<Yaml> compensate;   // the value of `compensate`, `none` included
  std::optional<Yaml> undo_action;  // the map below `compensate.http`
};

struct Draft {
  explicit Draft(Yaml document) : source(std::move(document)) {}

  Yaml source;
  core::Definition definition;
  std::vector<StepSource> steps;            // one for each of definition.steps
  std::optional<std::string> answer_after;  // as written
  std::vector<ExpressionUse> uses;

  const core::HttpAction& action(std::size_t step) const {
    return std::get<core::HttpAction>(definition.steps[step].kind);
  }
  std::optional<std::size_t> index_of(std::string_view id) const {
    const core::Step* step = definition.find_step(id);
    if (step == nullptr) return std::nullopt;
    return static_cast<std::size_t>(step - definition.steps.data());
  }
  std::vector<std::string> step_ids() const {
    std::vector<std::string> ids;
    for (const core::Step& step : definition.steps) ids.push_back(step.id);
    return ids;
  }
};

}  // namespace skald::sagas
