// effects: what a step leaves in the world, and what of a definition decides about it. The walk, its findings
// and the preview agree on these.
#pragma once

#include <string>
#include <vector>

#include "engine/core/definition.hpp"
#include "engine/core/state.hpp"

namespace skald::sagas {

// RFC 9110 section 9.2.1: a GET or HEAD changes nothing. A child is undone by its own steps.
bool has_effect(const core::Step& step);
// Declared, or of a child by its nature; `compensate: none` is none.
bool declares_undo(const core::Step& step);

// The steps that are done or possibly done, and that matter: they have an effect or declare an undo.
std::vector<core::StepPath> standing(const core::Definition& definition, const core::State& state);

// "reserve (POST stock/reservations)"; possibly done is told.
std::string told_effect(const core::State& state, const core::StepPath& path);

// Whether one of these paths leads to an output that is not there in this state: of a step that was skipped,
// given up, or never reached. What fails over it fails in life too, and not only over made-up values.
bool reads_absent(const core::Definition& definition, const core::State& state, const core::StepPath& reader,
                  const std::vector<core::Reference>& reads);

}  // namespace skald::sagas
