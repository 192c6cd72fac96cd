#include "projections/batch_fold.hpp"

#include <algorithm>
#include <utility>

#include "eventstore/row_change.hpp"
#include "projections/take_in.hpp"

namespace skald::views {
namespace {

// Whether it has to look at the event at all.
bool takes_part(const View& view, std::string_view event_type, Wanted wanted) {
  const auto& rules = view.rules_of(event_type);
  return std::any_of(rules.begin(), rules.end(),
                     [&](std::size_t number) { return wanted.rule(view.rules[number]); });
}

}  // namespace

void BatchFold::add(const FoldedView& view) {
  targets_.push_back({&view, lasting(*view.view, events_), {}, std::nullopt});
}

bool BatchFold::needs_states() const {
  return std::any_of(targets_.begin(), targets_.end(),
                     [](const Target& target) { return target.view->view->needs_state; });
}

Result<void> BatchFold::run(SagaStates& states) {
  const bool with_states = needs_states();
  for (std::size_t number = 0; number < events_.size(); ++number) {
    const SagaStates::Seen* seen = nullptr;
    if (with_states) {
      const auto after = states.after(*events_[number]);
      if (!after) return after.error();
      seen = *after;
    }
    fold(number, seen);
  }
  return {};
}

void BatchFold::fold(std::size_t number, const SagaStates::Seen* seen) {
  const ViewEvent& event = *events_[number];
  std::vector<bool> taking(targets_.size());
  for (std::size_t i = 0; i < targets_.size(); ++i)
    taking[i] =
        !targets_[i].stopped && takes_part(*targets_[i].view->view, event.type, targets_[i].wanted[number]);
  if (std::find(taking.begin(), taking.end(), true) == taking.end()) return;
  ShownEvent shown(event, seen, read_by(taking));
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (!taking[i]) continue;
    Target& target = targets_[i];
    auto taken = take_in(*target.view, shown, target.wanted[number]);
    if (taken)
      std::move(taken->begin(), taken->end(), std::back_inserter(target.changes));
    else
      target.stopped = Stopped{target.view->row.number, event.place.position, taken.error().message};
  }
}

const BatchFold::References& BatchFold::read_by(const std::vector<bool>& targets) {
  const auto [known, fresh] = reads_.try_emplace(targets);
  if (!fresh) return known->second;
  References& all = known->second;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!targets[i]) continue;
    const References& own = targets_[i].view->view->reads;
    all.insert(all.end(), own.begin(), own.end());
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::vector<BatchFold::Stopped> BatchFold::stopped() const {
  std::vector<Stopped> all;
  for (const Target& target : targets_)
    if (target.stopped) all.push_back(*target.stopped);
  return all;
}

std::vector<store::ViewChanges> BatchFold::changes() {
  std::vector<store::ViewChanges> all;
  for (Target& target : targets_)
    if (!target.stopped)
      all.push_back({target.view->row.number, target.view->table,
                     store::netted(*target.view->table, std::move(target.changes))});
  return all;
}

}  // namespace skald::views
