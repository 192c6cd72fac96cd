#include "engine/core/state.hpp"

#include "engine/base/check.hpp"

namespace skald::core {

const StepState* State::find_step(const StepPath& path) const {
  const auto found = steps.find(path);
  return found == steps.end() ? nullptr : &found->second;
}

const Attempts& State::attempts_of(const StepPath& path) const {
  if (const auto note = noted.find(path); note != noted.end()) return note->second.attempts;
  const StepState* step = find_step(path);
  CHECK_THAT(step != nullptr, "attempts are asked for of steps that were requested");
  return step->operation() == Operation::Action ? step->action : step->undo;
}

std::string status_of(const State& state) {
  switch (state.phase) {
    case Phase::NotStarted:
    case Phase::Forward: return "running";
    case Phase::Compensating: return "compensating";
    case Phase::Stuck: return "stuck";
    case Phase::Ended: return state.ended ? state.ended->status : "failed";
  }
  check_failed("phase", __FILE__, __LINE__, "every phase has a status");
}

std::string undo_of(const State& state) {
  if (state.phase == Phase::Ended) return state.ended ? state.ended->undo : "none";
  if (state.phase == Phase::Compensating) return "running";
  const bool stuck_in_undo = state.stuck && state.stuck->operation == Operation::Compensate;
  return stuck_in_undo ? "failed" : "none";
}

std::string_view to_text(Forward forward) {
  switch (forward) {
    case Forward::Open: return "running";
    case Forward::Succeeded: return "succeeded";
    case Forward::Failed: return "failed";
    case Forward::Skipped: return "skipped";
  }
  check_failed("forward", __FILE__, __LINE__, "every way forward has its name");
}

std::string_view to_text(Backward backward) {
  switch (backward) {
    case Backward::None: return "none";
    case Backward::Open: return "running";
    case Backward::Undone: return "done";
    case Backward::Failed: return "failed";
  }
  check_failed("backward", __FILE__, __LINE__, "every way back has its name");
}

}  // namespace skald::core
