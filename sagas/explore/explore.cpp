#include "sagas/explore/explore.hpp"

#include <algorithm>
#include <map>

namespace skald::sagas {
namespace {

std::string told_end(const core::State& state) {
  if (state.phase != core::Phase::Stuck) {
    const std::string undo = core::undo_of(state);
    return core::status_of(state) + (undo == "none" ? "" : ", undo " + undo);
  }
  const core::SagaStuck& stuck = *state.stuck;
  if (stuck.operation == core::Operation::Compensate) return "stuck in the undo of " + stuck.step;
  return stuck.step.empty() ? "stuck at the output" : "stuck at " + stuck.step;
}

std::vector<End> ends_of(const Walk& walk) {
  std::map<std::string, std::uint64_t> counts;
  for (const WalkEnd& end : walk.ends) {
    std::uint64_t& count = counts[told_end(end.state)];
    count = std::min(kMostHistories, count + end.histories);
  }
  std::vector<End> ends;
  for (const auto& [text, histories] : counts) ends.push_back({text, histories});
  return ends;
}

}  // namespace

bool Exploration::surprises() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.said_by.empty(); });
}

Exploration explore(const core::Definition& definition, const WalkOptions& options) {
  const Samples samples = make_samples(definition);
  Walk walk = sagas::walk(definition, samples, options);
  Exploration found;
  found.definition = definition.name;
  found.inputs = samples.inputs.size();
  found.histories = walk.histories;
  found.situations = walk.situations;
  found.complete = walk.complete;
  found.most_troubles = walk.most_troubles;
  found.ends = ends_of(walk);
  found.longest_events = walk.longest_events;
  found.longest = walk.longest;
  found.findings = findings_of(definition, walk);
  for (const core::Step& step : definition.steps)
    if (!walk.begun.contains(step.id)) found.not_reached.push_back(step.id);
  found.unmade.assign(walk.unmade.begin(), walk.unmade.end());
  found.faults = std::move(walk.faults);
  return found;
}

}  // namespace skald::sagas
