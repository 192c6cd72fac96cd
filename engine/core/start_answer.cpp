#include "engine/core/start_answer.hpp"

#include "engine/core/compensation.hpp"

namespace skald::core {
namespace {

bool is_refusal(const Problem& cause) {
  if (cause.type == problem_type::kRejected || cause.type == problem_type::kExpression ||
      cause.type == problem_type::kFail)
    return true;
  if (!cause.status || *cause.status < 400 || *cause.status > 499) return false;
  return *cause.status != 408 && *cause.status != 425 && *cause.status != 429;
}

StartAnswer answer_to_undo(const State& state) {
  if (is_cancelling(state)) return StartAnswer::Cancelled;
  return state.error && is_refusal(*state.error) ? StartAnswer::Refused : StartAnswer::Unavailable;
}

// Whether the step was through before any undo began: what came later does not change the answer.
bool is_through(const State& state, const StepState& step) {
  const bool well = step.forward == Forward::Succeeded || step.forward == Forward::Skipped;
  return well && (state.compensation_version == 0 || step.closed_version < state.compensation_version);
}

}  // namespace

std::optional<StartAnswer> start_answer(const Definition& definition, const State& state) {
  if (state.phase == Phase::NotStarted) return std::nullopt;
  if (!definition.answer_after) return StartAnswer::Created;
  const StepState* step = state.find_step(definition.steps[*definition.answer_after].id);
  if (step && is_through(state, *step)) return StartAnswer::Created;
  if (state.is_undoing()) return answer_to_undo(state);
  if (state.phase == Phase::Ended) return StartAnswer::Cancelled;  // terminated
  return std::nullopt;
}

}  // namespace skald::core
