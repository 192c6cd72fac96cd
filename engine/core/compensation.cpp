#include "engine/core/compensation.hpp"

#include <algorithm>
#include <vector>

#include "engine/core/failure.hpp"
#include "engine/core/render.hpp"

namespace skald::core {
namespace {

struct Undoable {
  const Step* step;
  const StepState* state;
};

// The steps that are done or possibly done, have an undo, and are not through with it, in order of their
// request.
std::vector<Undoable> undoables(const Story& story) {
  std::vector<Undoable> found;
  for (const Step& step : story.definition().steps) {
    if (!step.undo) continue;
    const StepState* state = story.state().find_step(step.id);
    if (!state || !state->done_or_possibly_done()) continue;
    if (state->backward == Backward::None || state->backward == Backward::Open)
      found.push_back({&step, state});
  }
  return found;
}

bool is_due(const Undoable& candidate, const std::vector<Undoable>& all, UndoOrder order) {
  if (candidate.state->backward == Backward::Open) return false;
  if (order == UndoOrder::Parallel) return true;
  return std::none_of(all.begin(), all.end(), [&](const Undoable& other) {
    return other.state->requested_version > candidate.state->closed_version;
  });
}

void request_undo(Story& story, const Step& step) {
  auto request = render(story.definition(), story.state(), step.id, Operation::Compensate, Json());
  if (!request)
    return give_up_undo(story, step.id, 0, make_problem(problem_type::kExpression, request.error().message));
  story.add(CompensationRequested{
      step.id, "http", {std::string(to_text(request->method)), request->service, request->path}});
}

bool action_is_awaited(const State& state) {
  return std::any_of(state.open.begin(), state.open.end(), [&](const StepPath& path) {
    return state.find_step(path)->operation() == Operation::Action;
  });
}

bool any_step(const State& state, Backward backward) {
  return std::any_of(state.steps.begin(), state.steps.end(),
                     [&](const auto& entry) { return entry.second.backward == backward; });
}

void end_undo(Story& story) {
  const State& state = story.state();
  const bool failed = any_step(state, Backward::Failed);
  const bool undone = any_step(state, Backward::Undone);
  const std::string status = failed ? "failed" : is_cancelling(state) ? "cancelled" : "compensated";
  const std::string undo = failed ? "partial" : undone ? "done" : "none";
  story.add(SagaEnded{status, undo, Json(), state.error, state.cancelled_by});
}

}  // namespace

bool is_cancelling(const State& state) {
  // A service's own problem may have this type too, but then it names its step.
  return state.compensation_version != 0 && state.error && state.error->type == problem_type::kCancelled &&
         state.error->step.empty();
}

void go_back(Story& story) {
  if (action_is_awaited(story.state())) return;
  const std::vector<Undoable> waiting = undoables(story);
  if (waiting.empty()) return end_undo(story);
  std::vector<const Step*> due;
  for (const Undoable& candidate : waiting)
    if (is_due(candidate, waiting, story.definition().undo_order)) due.push_back(candidate.step);
  // Requesting one changes the state that the candidates were read from.
  for (const Step* step : due) request_undo(story, *step);
}

}  // namespace skald::core
