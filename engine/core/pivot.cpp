#include "engine/core/pivot.hpp"

#include "engine/base/check.hpp"

namespace skald::core {

bool is_past_pivot(const Definition& definition, const State& state) {
  const auto pivot = definition.pivot();
  if (!pivot) return false;
  const Step& declared = definition.steps[*pivot];
  const StepState* step = state.find_step(declared.id);
  if (!step) return false;
  switch (step->forward) {
    // What only waits or sets values has no effect before it is done.
    case Forward::Open: return std::holds_alternative<Action>(declared.kind);
    case Forward::Succeeded: return true;
    case Forward::Failed: return step->possibly_done;
    case Forward::Skipped: return false;
  }
  check_failed("forward", __FILE__, __LINE__, "every way forward was considered");
}

Error no_way_back(const Definition& definition) {
  const auto pivot = definition.pivot();
  CHECK_THAT(pivot.has_value(), "only a pivot closes the way back");
  return conflict("there is no way back: the step '" + definition.steps[*pivot].id + "' has been requested");
}

bool is_unknown_pivot(const Step& step, const State& state) {
  if (!step.pivot) return false;
  const StepState* known = state.find_step(step.id);
  if (!known || known->forward != Forward::Open) return false;
  return known->possibly_done || state.attempts_of(step.id).polling();
}

}  // namespace skald::core
