#include "projections/lasting.hpp"

#include <algorithm>

namespace skald::views {
namespace {

// It acts at every event of its types: whether it does is known without a look into the event or the saga.
bool acts_always(const Rule& rule) {
  return !rule.condition && rule.saga.empty() && rule.step.empty() && rule.name.empty();
}

// What the events before need not give any more, once this rule has acted.
void overwrite(const View& view, const Rule& rule, Wanted& wanted) {
  if (rule.remove) wanted = Wanted::none();
  for (const Fold& fold : rule.folds)
    if (view.table.columns[fold.column].merge == store::Merge::Replace) wanted.leave_out(fold.column);
}

}  // namespace

bool Wanted::rule(const Rule& rule) const {
  if (rule.folds.empty()) return row();
  return std::any_of(rule.folds.begin(), rule.folds.end(),
                     [this](const Fold& fold) { return column(fold.column); });
}

std::vector<Wanted> lasting(const View& view, const std::vector<ViewEventPtr>& events) {
  std::vector<Wanted> wanted(events.size(), Wanted::all());
  if (!view.skips_overwritten) return wanted;
  std::unordered_map<SagaId, Wanted> left;  // what no later event of the saga gives
  for (std::size_t i = events.size(); i-- > 0;) {
    const ViewEvent& event = *events[i];
    Wanted& of_saga = left.try_emplace(event.saga, Wanted::all()).first->second;
    wanted[i] = of_saga;
    for (const std::size_t number : view.rules_of(event.type))
      if (acts_always(view.rules[number])) overwrite(view, view.rules[number], of_saga);
  }
  return wanted;
}

}  // namespace skald::views
