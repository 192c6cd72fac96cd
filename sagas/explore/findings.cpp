#include "sagas/explore/findings.hpp"

#include <algorithm>
#include <map>

#include "engine/core/path.hpp"
#include "engine/core/pivot.hpp"
#include "sagas/explore/effects.hpp"
#include "sagas/explore/expressions.hpp"

namespace skald::sagas {
namespace {

using core::StepPath;

struct Cause {
  std::string what;
  std::string said_by;
};

// With the effects that stay for it.
struct Judgement {
  Cause cause;
  std::vector<std::string> stays;
};

std::string quoted(std::string_view path) {
  return "'" + std::string(core::id_of(path)) + "'";
}

// Why one end is as it is: a cause for being stuck, and one for each effect that stays.
class Judge {
 public:
  explicit Judge(const core::Definition& definition)
      : definition_(definition), expressions_(expressions_of(definition)) {}

  std::vector<Judgement> judge(const core::State& state) const {
    if (state.phase == core::Phase::Stuck) return judge_stuck(state);
    std::vector<Judgement> causes;
    for (const StepPath& path : standing(definition_, state))
      if (const auto cause = why_it_stays(state, path))
        causes.push_back(Judgement{*cause, {told_effect(state, path)}});
    return causes;
  }

 private:
  std::vector<Judgement> judge_stuck(const core::State& state) const {
    const core::SagaStuck& stuck = *state.stuck;
    const auto cause = stuck.operation == core::Operation::Compensate ? why_undo_failed(state, stuck.step)
                                                                      : why_step_is_stuck(state);
    if (!cause) return {};
    std::vector<std::string> stays;
    for (const StepPath& path : standing(definition_, state))
      if (!step_of(path).keeps_effect) stays.push_back(told_effect(state, path));
    Judgement judgement{*cause, std::move(stays)};
    judgement.cause.what += "; a person has to decide";
    return {std::move(judgement)};
  }

  std::optional<Cause> why_step_is_stuck(const core::State& state) const {
    const core::SagaStuck& stuck = *state.stuck;
    if (stuck.error.type == core::problem_type::kExpression) {
      const std::string what = stuck.step.empty() ? "the output of the saga" : quoted(stuck.step);
      return unwritable(state, stuck.step, false, what + " cannot be written: " + stuck.error.detail);
    }
    const bool behind = core::is_past_pivot(definition_, state);
    return Cause{
        quoted(stuck.step) + " is given up" + (behind ? " where there is no way back" : ""),
        behind ? "pivot: " + definition_.steps[*definition_.pivot()].id : "retry.onExhausted: stuck"};
  }
  // Stuck with an undo, or gone on without it.
  std::optional<Cause> why_undo_failed(const core::State& state, const StepPath& path) const {
    const core::StepState& step = *state.find_step(path);
    const std::string detail = step.error ? step.error->detail : "";
    const std::string rule = definition_.on_undo_failure == core::OnUndoFailure::Stuck ? "stuck" : "continue";
    const std::string said = "compensation.onFailure: " + rule;
    if (step.undo_request == core::RequestSummary{})
      return unwritable(state, path, true, "the undo of " + quoted(path) + " cannot be written: " + detail);
    if (step.request.child && step.undo_request.child == step.request.child)
      return Cause{
          "the child of " + quoted(path) + " cannot be undone any more, and nothing else is declared", said};
    const bool refused = step.error && step.error->status;
    return Cause{"the undo of " + quoted(path) + (refused ? " is refused" : " is given up"), said};
  }
  // Nothing where made-up values are to blame (Walk::unmade tells of them).
  std::optional<Cause> unwritable(const core::State& state, const StepPath& path, bool undo,
                                  std::string what) const {
    if (!reads_absent(definition_, state, path, reads_of(expressions_, definition_, path, undo)))
      return std::nullopt;
    return Cause{std::move(what), ""};
  }

  std::optional<Cause> why_it_stays(const core::State& state, const StepPath& path) const {
    const core::Step& step = step_of(path);
    const core::StepState& known = *state.find_step(path);
    const bool given_up = known.forward == core::Forward::Failed;
    if (state.has_completed()) {
      if (!given_up) return std::nullopt;
      return Cause{"an optional step is given up, and may be done all the same", "optional: true"};
    }
    if (step.keeps_effect) return Cause{"what needs no undo stays", "compensate: none"};
    // Refused after an attempt that nobody answered: who honours the key would have repeated its success.
    if (step.pivot && given_up) return std::nullopt;
    if (!declares_undo(step))
      return Cause{quoted(path) + " stays in a saga that is undone, and declares neither an undo nor none",
                   ""};
    return why_undo_failed(state, path);
  }

  const core::Step& step_of(const StepPath& path) const { return *definition_.find_step(core::id_of(path)); }

  const core::Definition& definition_;
  const std::vector<Expression> expressions_;
};

// Groups are kept in the order in which they were found: the first history of each is the shortest.
class Groups {
 public:
  void add(const Cause& cause, std::vector<std::string> stays, const WalkEnd& end) {
    const auto [known, fresh] = by_cause_.try_emplace(cause.said_by + "\n" + cause.what, findings_.size());
    if (fresh) findings_.push_back({cause.what, {}, cause.said_by, 0, end.story});
    Finding& finding = findings_[known->second];
    if (finding.story == end.story)
      for (std::string& effect : stays)
        if (std::find(finding.stays.begin(), finding.stays.end(), effect) == finding.stays.end())
          finding.stays.push_back(std::move(effect));
    if (counted_[known->second] == &end) return;
    counted_[known->second] = &end;
    finding.histories = std::min(kMostHistories, finding.histories + end.histories);
  }
  std::vector<Finding> take() && {
    std::stable_sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) {
      if (a.said_by.empty() != b.said_by.empty()) return a.said_by.empty();
      return a.histories > b.histories;
    });
    return std::move(findings_);
  }

 private:
  std::map<std::string, std::size_t> by_cause_;
  std::map<std::size_t, const WalkEnd*> counted_;  // a history counts once for a cause
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> findings_of(const core::Definition& definition, const Walk& walk) {
  const Judge judge(definition);
  Groups groups;
  for (const WalkEnd& end : walk.ends)
    for (auto& [cause, stays] : judge.judge(end.state)) groups.add(cause, std::move(stays), end);
  return std::move(groups).take();
}

}  // namespace skald::sagas
