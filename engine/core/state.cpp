#include "engine/core/state.hpp"

#include "engine/base/check.hpp"

namespace skald::core {

State::State() = default;
State::State(const State&) = default;
State::State(State&&) noexcept = default;
State& State::operator=(const State&) = default;
State& State::operator=(State&&) noexcept = default;
State::~State() = default;

bool is_container(std::string_view kind) {
  return kind == "switch" || kind == "parallel" || kind == "forEach";
}

const Attempts& State::attempts_of(const StepPath& path) const {
  if (const Progress* note = noted.find(path)) return note->attempts;
  const StepState* step = find_step(path);
  CHECK_THAT(step != nullptr, "attempts are asked for of steps that were requested");
  return step->operation() == Operation::Action ? step->action : step->undo;
}

namespace {

bool waits(const StepState& step) {
  return !step.waiting.empty() || step.kind == "task" || step.kind == "saga";
}

// Whether nothing goes on until something happens outside.
bool waits(const State& state) {
  for (const auto& [path, nothing] : state.open)
    if (!waits(*state.find_step(path))) return false;
  return !state.open.empty();
}

}  // namespace

std::string status_of(const State& state) {
  if (state.phase == Phase::Ended) return state.ended ? state.ended->status : "failed";
  if (state.phase == Phase::Stuck) return "stuck";
  if (state.paused) return "paused";
  switch (state.phase) {
    case Phase::NotStarted: return "running";
    case Phase::Forward: return waits(state) ? "waiting" : "running";
    case Phase::Compensating: return "compensating";
    case Phase::Stuck:
    case Phase::Ended: break;
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
    case Backward::Skipped: return "skipped";
  }
  check_failed("backward", __FILE__, __LINE__, "every way back has its name");
}

}  // namespace skald::core
