// What expressions read exists where they stand, and steps are read only by what comes after them.
#include <algorithm>

#include "sagas/soundness/soundness.hpp"
#include "sagas/suggestion.hpp"

namespace skald::sagas {
namespace {

bool is_undo(ExpressionSite site) {
  return site == ExpressionSite::UndoRequest || site == ExpressionSite::UndoHeader;
}

bool is_header(ExpressionSite site) {
  return site == ExpressionSite::RequestHeader || site == ExpressionSite::UndoHeader ||
         site == ExpressionSite::ServiceHeader;
}

std::vector<std::string> roots_of(ExpressionSite site) {
  if (site == ExpressionSite::BusinessKey) return {"input"};
  std::vector<std::string> roots = {"input", "saga", "steps"};
  if (is_undo(site)) roots.push_back("error");
  if (is_header(site)) roots.push_back("secrets");
  if (site == ExpressionSite::StepOutput) roots.push_back("response");
  return roots;
}

// Why a root that the language has is not visible here.
std::string why_hidden(const std::string& root, ExpressionSite site) {
  if (site == ExpressionSite::BusinessKey) return "businessKey sees .input only";
  if (root == "error") return "only an undo sees it";
  if (root == "secrets") return "only the headers of a request see it";
  if (root == "response") return "only the output of a step sees it";
  if (root == "event") return "only waitFor, startOn and cancelOn see it";
  return {};
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void check_member(const ExpressionUse& use, std::size_t level, const std::vector<std::string>& known,
                  FaultList& faults) {
  if (use.reference.size() <= level || contains(known, use.reference[level])) return;
  const core::Reference above(use.reference.begin(),
                              use.reference.begin() + static_cast<std::ptrdiff_t>(level));
  faults.error(use.place, "'" + to_text(above) + "' has no '" + use.reference[level] + "'",
               suggestion(use.reference[level], known));
}

void check_step(const Draft& draft, const ExpressionUse& use, FaultList& faults) {
  if (use.reference.size() < 2) return;
  const std::string& id = use.reference[1];
  const auto index = draft.index_of(id);
  if (!index)
    return faults.error(use.place, "there is no step '" + id + "'", suggestion(id, draft.step_ids()));
  check_member(use, 2, {"output", "status"}, faults);
  // Undos have rules of their own: undo_data.cpp.
  if (use.site == ExpressionSite::SagaOutput || is_undo(use.site)) return;
  if (*index == use.step) faults.error(use.place, "the step '" + id + "' reads itself before it is done");
  if (*index > use.step)
    faults.error(use.place, "the step '" + id + "' comes later", "only what earlier steps gave can be read");
}

void check_secrets(const ExpressionUse& use, FaultList& faults) {
  if (use.reference.size() < 2)
    faults.error(use.place, "this reads all secrets at once", "name the one it needs: .secrets.NAME");
}

}  // namespace

void check_references(const Draft& draft, FaultList& faults) {
  for (const ExpressionUse& use : draft.uses) {
    if (use.reference.empty()) {
      if (is_header(use.site))
        faults.error(use.place, "'.' reads everything, secrets included", "name what it needs");
      continue;
    }
    const std::string& root = use.reference.front();
    const std::vector<std::string> roots = roots_of(use.site);
    if (!contains(roots, root)) {
      const std::string hidden = why_hidden(root, use.site);
      faults.error(use.place, "'." + root + "' is not known here",
                   hidden.empty() ? suggestion(root, roots) : hidden);
    } else if (root == "steps") {
      check_step(draft, use, faults);
    } else if (root == "saga") {
      check_member(use, 1, {"id", "name", "version", "businessKey", "startedAt"}, faults);
    } else if (root == "response") {
      check_member(use, 1, {"status", "headers", "body"}, faults);
    } else if (root == "secrets") {
      check_secrets(use, faults);
    }
  }
}

}  // namespace skald::sagas
