// What the expressions of a view read is there.
#include <algorithm>

#include "projections/event_words.hpp"
#include "projections/view_checks.hpp"
#include "sagas/suggestion.hpp"

namespace skald::views {
namespace {

using sagas::ExpressionUse;
using sagas::FaultList;
using Words = std::vector<std::string>;

bool contains(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// What the members of .saga are called: those that steps see, and what only an onlooker sees.
const Words kSaga = {"id",     "name", "version", "businessKey", "startedAt",
                     "status", "undo", "seconds", "openSteps"};
const Words kRoots = {"event", "saga", "input", "steps", "error"};

std::string why_hidden(const std::string& root) {
  if (root == "response") return "only a step sees it: its output is .event.output of StepSucceeded";
  if (root == "secrets") return "secrets are in no event";
  return {};
}

void check_member(const ExpressionUse& use, std::size_t level, const Words& known, const std::string& of,
                  FaultList& faults) {
  if (use.reference.size() <= level || contains(known, use.reference[level])) return;
  const core::Reference above(use.reference.begin(),
                              use.reference.begin() + static_cast<std::ptrdiff_t>(level));
  faults.error(use.place, "'" + sagas::to_text(above) + "' has no '" + use.reference[level] + "'" + of,
               sagas::suggestion(use.reference[level], known));
}

// Of several events one must have the field; it is null for the others.
void check_event(const Rule& rule, const ExpressionUse& use, FaultList& faults) {
  Words known;
  std::string of;
  for (const std::string& event : rule.events) {
    for (std::string& field : event_fields(event)) known.push_back(std::move(field));
    of += (of.empty() ? " of " : ", ") + event;
  }
  if (known.empty()) return;
  check_member(use, 1, known, of.empty() ? "" : " in the fields" + of, faults);
  const Words inside = use.reference.size() > 1 ? fields_inside(use.reference[1]) : Words{};
  if (!inside.empty()) check_member(use, 2, inside, "", faults);
}

void check_use(const ViewDraft& draft, const ExpressionUse& use, FaultList& faults) {
  if (use.reference.empty()) return;
  const std::string& root = use.reference.front();
  if (!contains(kRoots, root)) {
    const std::string hidden = why_hidden(root);
    return faults.error(use.place, "'." + root + "' is not known here",
                        hidden.empty() ? sagas::suggestion(root, kRoots) : hidden);
  }
  if (root == "event") return check_event(draft.rules[use.step].rule, use, faults);
  if (root == "saga") return check_member(use, 1, kSaga, "", faults);
  if (root == "steps") return check_member(use, 2, {"output", "status"}, "", faults);
}

}  // namespace

void check_references(const ViewDraft& draft, FaultList& faults) {
  for (const ExpressionUse& use : draft.uses) check_use(draft, use, faults);
}

}  // namespace skald::views
