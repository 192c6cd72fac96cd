// What expressions read exists where they stand, and steps are read only by what comes after them.
#include <algorithm>

#include "sagas/soundness/scope.hpp"
#include "sagas/soundness/soundness.hpp"
#include "sagas/suggestion.hpp"

namespace skald::sagas {
namespace {

using Words = std::vector<std::string>;

bool is_undo(ExpressionSite site) {
  return site == ExpressionSite::UndoRequest || site == ExpressionSite::UndoHeader;
}

bool is_header(ExpressionSite site) {
  return site == ExpressionSite::RequestHeader || site == ExpressionSite::UndoHeader ||
         site == ExpressionSite::ServiceHeader;
}

bool is_of_step(ExpressionSite site) {
  switch (site) {
    case ExpressionSite::BusinessKey:
    case ExpressionSite::StartOn:
    case ExpressionSite::CancelOn:
    case ExpressionSite::SagaOutput:
    case ExpressionSite::ServiceHeader:
    case ExpressionSite::ViewRule: return false;
    case ExpressionSite::Condition:
    case ExpressionSite::Request:
    case ExpressionSite::RequestHeader:
    case ExpressionSite::EventFilter:
    case ExpressionSite::StepOutput:
    case ExpressionSite::UndoRequest:
    case ExpressionSite::UndoHeader: return true;
  }
  return false;
}

bool contains(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// What a step's answer has; nothing for kinds that get none.
Words response_of(const core::StepKind& kind) {
  if (as<core::HttpAction>(kind) != nullptr) return {"status", "headers", "body"};
  if (as<core::TaskAction>(kind) != nullptr) return {"body"};
  return {};
}

bool sees_event(const ExpressionUse& use, const core::Definition& definition) {
  if (use.site == ExpressionSite::StartOn || use.site == ExpressionSite::CancelOn ||
      use.site == ExpressionSite::EventFilter)
    return true;
  return use.site == ExpressionSite::StepOutput &&
         std::holds_alternative<core::WaitFor>(definition.steps[use.step].kind);
}

Words roots_of(const ExpressionUse& use, const core::Definition& definition) {
  if (use.site == ExpressionSite::BusinessKey) return {"input"};
  if (use.site == ExpressionSite::StartOn) return {"event"};
  Words roots = {"input", "saga", "steps"};
  if (is_undo(use.site)) roots.push_back("error");
  if (is_header(use.site)) roots.push_back("secrets");
  if (sees_event(use, definition)) roots.push_back("event");
  if (!is_of_step(use.site)) return roots;
  if (use.site == ExpressionSite::StepOutput && !response_of(definition.steps[use.step].kind).empty())
    roots.push_back("response");
  for (const std::string& item : items_of(definition, use.step))
    if (!item.empty()) roots.push_back(item);
  return roots;
}

// Why a root that the language has is not visible here.
std::string why_hidden(const std::string& root, const ExpressionUse& use,
                       const core::Definition& definition) {
  if (use.site == ExpressionSite::BusinessKey) return "businessKey sees .input only";
  if (use.site == ExpressionSite::StartOn) return "startOn sees .event only: the saga is not there yet";
  if (root == "error") return "only an undo sees it";
  if (root == "secrets") return "only the headers of a request see it";
  if (root == "response") return "only the output of an http or a task step sees it";
  if (root == "event") return "only waitFor, startOn and cancelOn see it";
  for (const core::Step& step : definition.steps) {
    const auto* each = std::get_if<core::ForEach>(&step.kind);
    if (each != nullptr && each->as == root)
      return "only the steps inside of the forEach '" + step.id + "' see it";
  }
  return {};
}

void check_member(const ExpressionUse& use, std::size_t level, const Words& known, FaultList& faults) {
  if (use.reference.size() <= level || contains(known, use.reference[level])) return;
  const core::Reference above(use.reference.begin(),
                              use.reference.begin() + static_cast<std::ptrdiff_t>(level));
  faults.error(use.place, "'" + to_text(above) + "' has no '" + use.reference[level] + "'",
               suggestion(use.reference[level], known));
}

// What gives nothing unless it says so.
void check_has_output(const core::Step& step, const ExpressionUse& use, FaultList& faults) {
  const bool silent = std::holds_alternative<core::Switch>(step.kind) ||
                      std::holds_alternative<core::Parallel>(step.kind) ||
                      std::holds_alternative<core::Wait>(step.kind);
  if (!silent || step.output || use.reference.size() < 3 || use.reference[2] != "output") return;
  faults.warning(use.place, "the step '" + step.id + "' declares no output, so this is always null",
                 "give it an output, or read a step inside of it");
}

void check_sight(const core::Definition& definition, const ExpressionUse& use, core::StepIndex other,
                 FaultList& faults) {
  const std::string step = "the step '" + definition.steps[other].id + "'";
  const auto reader = is_of_step(use.site) ? std::optional(use.step) : std::nullopt;
  switch (sight(definition, reader, other)) {
    case Sight::Earlier: return check_has_output(definition.steps[other], use, faults);
    case Sight::Itself:
      return faults.error(use.place, step + " reads itself before it is done",
                          "read what comes before it: .input, .saga, earlier steps");
    case Sight::Around:
      return faults.error(use.place, step + " is done after what it holds, and this is inside of it",
                          "read the steps inside of it that come earlier");
    case Sight::Inside:
      // A switch and a parallel are done after their steps.
      if (use.site == ExpressionSite::StepOutput) return;
      return faults.error(use.place, step + " is inside of the one that reads it, and comes later",
                          "only what earlier steps gave can be read");
    case Sight::Later:
      return faults.error(use.place, step + " comes later", "only what earlier steps gave can be read");
    case Sight::OtherBranch:
      return faults.error(use.place, step + " is in another branch, which runs at the same time",
                          "read it after the parallel, or put this step behind it in its branch");
    case Sight::OtherCase:
      return faults.error(use.place, step + " is in another case, which runs instead of this one",
                          "read a step of this case, or one before the switch");
    case Sight::OfItems:
      return faults.error(use.place, step + " is inside of a forEach: there is one for each item",
                          "read the forEach: its output is the list of what its items gave");
  }
}

void check_step(const Draft& draft, const ExpressionUse& use, FaultList& faults) {
  if (use.reference.size() < 2) return;
  const std::string& id = use.reference[1];
  const auto index = draft.index_of(id);
  if (!index)
    return faults.error(use.place, "there is no step '" + id + "'", suggestion(id, draft.step_ids()));
  check_member(use, 2, {"output", "status"}, faults);
  // Undos have rules of their own: undo_data.cpp.
  if (!is_undo(use.site)) check_sight(draft.definition, use, *index, faults);
  if (use.site == ExpressionSite::CancelOn && !use.has_default)
    faults.warning(use.place, "the step '" + id + "' may not have run yet when the event comes",
                   "give a default with //");
}

void check_secrets(const ExpressionUse& use, FaultList& faults) {
  if (use.reference.size() < 2)
    faults.error(use.place, "this reads all secrets at once", "name the one it needs: .secrets.NAME");
}

void check_use(const Draft& draft, const ExpressionUse& use, FaultList& faults) {
  const std::string& root = use.reference.front();
  const Words roots = roots_of(use, draft.definition);
  if (!contains(roots, root)) {
    const std::string hidden = why_hidden(root, use, draft.definition);
    return faults.error(use.place, "'." + root + "' is not known here",
                        hidden.empty() ? suggestion(root, roots) : hidden);
  }
  if (root == "steps") return check_step(draft, use, faults);
  if (root == "saga")
    return check_member(use, 1, {"id", "name", "version", "businessKey", "startedAt"}, faults);
  if (root == "response")
    return check_member(use, 1, response_of(draft.definition.steps[use.step].kind), faults);
  if (root == "event") return check_member(use, 1, {"name", "data", "time", "id", "source"}, faults);
  if (root == "secrets") return check_secrets(use, faults);
}

}  // namespace

void check_references(const Draft& draft, FaultList& faults) {
  for (const ExpressionUse& use : draft.uses) {
    if (!use.reference.empty())
      check_use(draft, use, faults);
    else if (is_header(use.site))
      faults.error(use.place, "'.' reads everything, secrets included", "name what it needs");
  }
}

}  // namespace skald::sagas
