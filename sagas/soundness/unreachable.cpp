// Steps that stand behind a refusal are never reached.
#include <algorithm>

#include "sagas/soundness/soundness.hpp"

namespace skald::sagas {
namespace {

class Reach {
 public:
  Reach(const Draft& draft, FaultList& faults) : draft_(draft), faults_(faults) {}

  void run() {
    for (core::BlockIndex i = 0; i < draft_.definition.blocks.size(); ++i) check(draft_.definition.blocks[i]);
  }

 private:
  // The first step that is never reached stands for all after it.
  void check(const core::Block& block) {
    for (std::size_t i = 0; i + 1 < block.steps.size(); ++i) {
      if (!always_fails(block.steps[i])) continue;
      faults_.warning(draft_.steps[block.steps[i + 1]].node.place(),
                      "the step '" + id(block.steps[i + 1]) + "' is never reached: '" + id(block.steps[i]) +
                          "' before it always fails",
                      "remove it, or give the refusal an if");
      return;
    }
  }

  bool always_fails(core::StepIndex step) const {
    if (draft_.definition.steps[step].condition) return false;
    if (draft_.kind_of<core::Fail>(step)) return true;
    if (const auto* branches = draft_.kind_of<core::Parallel>(step))
      return std::any_of(branches->branches.begin(), branches->branches.end(),
                         [&](const auto& branch) { return block_fails(branch.block); });
    const auto* cases = draft_.kind_of<core::Switch>(step);
    if (cases == nullptr || cases->cases.empty() || cases->cases.back().when) return false;
    return std::all_of(cases->cases.begin(), cases->cases.end(),
                       [&](const auto& one) { return block_fails(one.block); });
  }

  bool block_fails(core::BlockIndex block) const {
    const auto& steps = draft_.definition.blocks[block].steps;
    return std::any_of(steps.begin(), steps.end(), [&](core::StepIndex step) { return always_fails(step); });
  }

  const std::string& id(core::StepIndex step) const { return draft_.definition.steps[step].id; }

  const Draft& draft_;
  FaultList& faults_;
};

}  // namespace

void check_unreachable(const Draft& draft, FaultList& faults) {
  Reach(draft, faults).run();
}

}  // namespace skald::sagas
