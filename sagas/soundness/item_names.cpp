// The name that `as` gives to an item hides nothing that expressions read by the same name.
#include <algorithm>
#include <array>

#include "sagas/soundness/scope.hpp"
#include "sagas/soundness/soundness.hpp"

namespace skald::sagas {
namespace {

constexpr std::array<std::string_view, 7> kRoots = {"input", "saga",     "steps",  "error",
                                                    "event", "response", "secrets"};

}  // namespace

void check_item_names(const Draft& draft, FaultList& faults) {
  for (core::StepIndex i = 0; i < draft.steps.size(); ++i) {
    const auto* each = draft.kind_of<core::ForEach>(i);
    if (each == nullptr || each->as.empty()) continue;
    const Yaml as = *draft.steps[i].action->find("as");
    const auto outer = items_of(draft.definition, i);
    if (std::find(kRoots.begin(), kRoots.end(), each->as) != kRoots.end())
      faults.error(as.place(), "'" + each->as + "' would hide what expressions read as ." + each->as,
                   "give the item another name");
    else if (std::find(outer.begin(), outer.end(), each->as) != outer.end())
      faults.error(as.place(), "'" + each->as + "' would hide the item of the forEach around this one",
                   "give the item another name");
  }
}

}  // namespace skald::sagas
