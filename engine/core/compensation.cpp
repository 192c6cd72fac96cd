#include "engine/core/compensation.hpp"

#include <algorithm>
#include <vector>

#include "engine/base/check.hpp"
#include "engine/core/action_request.hpp"
#include "engine/core/failure.hpp"
#include "engine/core/path.hpp"

namespace skald::core {

// The steps that are done or possibly done and have an undo, as they stand when no action is awaited any
// more. From there on their number only falls, so that each is looked at once.
struct UndoAgenda {
  struct Entry {
    StepPath path;
    std::int32_t requested;
    std::int32_t closed;
  };
  std::vector<Entry> by_request;  // the last requested first
  std::vector<Entry> by_closing;  // the last closed first
};

namespace {

std::shared_ptr<const UndoAgenda> agenda_of(const Story& story) {
  auto agenda = std::make_shared<UndoAgenda>();
  for (const auto& [path, state] : story.state().steps) {
    const Step* step = story.definition().find_step(id_of(path));
    if (step && has_undo(*step) && state.done_or_possibly_done())
      agenda->by_request.push_back({path, state.requested_version, state.closed_version});
  }
  agenda->by_closing = agenda->by_request;
  std::sort(agenda->by_request.begin(), agenda->by_request.end(),
            [](const auto& a, const auto& b) { return a.requested > b.requested; });
  std::sort(agenda->by_closing.begin(), agenda->by_closing.end(),
            [](const auto& a, const auto& b) { return a.closed > b.closed; });
  return agenda;
}

bool is_through(const State& state, const UndoAgenda::Entry& entry) {
  const Backward backward = state.find_step(entry.path)->backward;
  return backward != Backward::None && backward != Backward::Open;
}

bool has_begun(const State& state, const UndoAgenda::Entry& entry) {
  return state.find_step(entry.path)->backward != Backward::None;
}

// The steps whose turn it is. What was requested after such a step was done is through with its undo.
std::vector<StepPath> due(const Story& story, UndoProgress& undo) {
  const State& state = story.state();
  const UndoAgenda& agenda = *undo.agenda;
  const auto& requested = agenda.by_request;
  const auto& closed = agenda.by_closing;
  while (undo.first_requested < requested.size() && is_through(state, requested[undo.first_requested]))
    ++undo.first_requested;
  const bool parallel = story.definition().undo_order == UndoOrder::Parallel;
  const bool last = undo.first_requested == requested.size();
  const std::int32_t bound = parallel || last ? 0 : requested[undo.first_requested].requested;
  std::vector<StepPath> due;
  for (; undo.last_closed < closed.size() && closed[undo.last_closed].closed > bound; ++undo.last_closed)
    if (!has_begun(state, closed[undo.last_closed])) due.push_back(closed[undo.last_closed].path);
  return due;
}

void request_undo(Story& story, const StepPath& path) {
  const StepState& state = *story.state().find_step(path);
  if (!state.request.child) return request_declared_undo(story, path);
  RequestSummary child;
  child.child = state.request.child;
  child.definition = state.request.definition;
  story.add(CompensationRequested{path, "saga", std::move(child)});
}

bool action_is_awaited(const State& state) {
  for (const auto& [path, nothing] : state.open)
    if (state.find_step(path)->operation() == Operation::Action) return true;
  return false;
}

void end_undo(Story& story) {
  bool failed = false, undone = false;
  for (const auto& [path, step] : story.state().steps) {
    failed = failed || step.backward == Backward::Failed || step.backward == Backward::Skipped;
    undone = undone || step.backward == Backward::Undone;
  }
  const State& state = story.state();
  const std::string status = failed ? "failed" : is_cancelling(state) ? "cancelled" : "compensated";
  const std::string undo = failed ? "partial" : undone ? "done" : "none";
  story.add(SagaEnded{status, undo, Json(), state.error, state.cancelled_by});
}

}  // namespace

bool has_undo(const Step& step) {
  if (step.keeps_effect) return false;
  const auto* action = std::get_if<Action>(&step.kind);
  return step.undo.has_value() || (action && std::holds_alternative<SagaAction>(*action));
}

bool is_cancelling(const State& state) {
  // A service's own problem may have this type too, but then it names its step.
  return state.is_undoing() && state.error && state.error->type == problem_type::kCancelled &&
         state.error->step.empty();
}

void request_declared_undo(Story& story, const StepPath& path) {
  const Step* step = story.definition().find_step(id_of(path));
  CHECK_THAT(step && step->undo, "what is requested is declared");
  auto asked = request_of(story, path, Operation::Compensate, step->undo->action);
  if (!asked)
    return give_up_undo(story, path, 0, make_problem(problem_type::kExpression, asked.error().message));
  story.add(CompensationRequested{path, std::move(asked->kind), std::move(asked->request)});
}

void finish_undo(Story& story, const StepPath& path, std::uint32_t attempts, Json output,
                 std::optional<int> answer) {
  const bool succeeded = story.state().find_step(path)->forward == Forward::Succeeded;
  story.add(StepCompensated{path, attempts, std::move(output), succeeded, answer});
}

void go_back(Story& story) {
  if (action_is_awaited(story.state())) return;
  UndoProgress undo = story.state().memo.undo;
  if (!undo.agenda) undo.agenda = agenda_of(story);
  const std::vector<StepPath> next = due(story, undo);
  story.remember(undo);
  for (const StepPath& path : next) {
    if (story.state().phase != Phase::Compensating)
      return story.remember(UndoProgress{});  // stuck: the rest is asked for later
    request_undo(story, path);
  }
  if (next.empty() && undo.first_requested == undo.agenda->by_request.size()) end_undo(story);
}

}  // namespace skald::core
