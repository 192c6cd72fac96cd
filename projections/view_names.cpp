// The sagas, steps and events that a view names, held against the definitions that are known.
#include <algorithm>

#include "projections/view_checks.hpp"
#include "sagas/catalog.hpp"
#include "sagas/suggestion.hpp"

namespace skald::views {
namespace {

using sagas::FaultList;
using Words = std::vector<std::string>;

Words names_of(const sagas::Catalog& sagas) {
  Words names;
  for (const sagas::CatalogEntry& entry : sagas.list()) names.push_back(entry.definition->name);
  return names;
}

Words steps_of(const core::Definition& definition) {
  Words ids;
  for (const core::Step& step : definition.steps) ids.push_back(step.id);
  return ids;
}

// The events that are kept for its sagas.
Words events_of(const core::Definition& definition) {
  Words names;
  for (const core::Step& step : definition.steps)
    if (const auto* wait = std::get_if<core::WaitFor>(&step.kind)) names.push_back(wait->event);
  for (const core::CancelOn& cancel : definition.cancel_on) names.push_back(cancel.event);
  return names;
}

bool knows(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class NameCheck {
 public:
  NameCheck(const ViewDraft& draft, const sagas::Catalog& sagas, FaultList& faults)
      : draft_(draft), sagas_(sagas), faults_(faults) {}

  void check(std::size_t index) {
    const DraftRule& rule = draft_.rules[index];
    if (rule.rule.saga.empty()) return;
    const auto known = sagas_.newest(rule.rule.saga);
    if (!known)
      return warn(place_of(rule, "saga"), "there is no saga '" + rule.rule.saga + "' yet", names_of(sagas_),
                  rule.rule.saga);
    const core::Definition& definition = *known->definition;
    const std::string of = " in saga '" + definition.name + "'";
    const Words steps = steps_of(definition), events = events_of(definition);
    if (!rule.rule.step.empty() && !knows(steps, rule.rule.step))
      warn(place_of(rule, "step"), "there is no step '" + rule.rule.step + "'" + of, steps, rule.rule.step);
    if (!rule.rule.name.empty() && !knows(events, rule.rule.name))
      warn(place_of(rule, "name"), "no event '" + rule.rule.name + "' is kept" + of, events, rule.rule.name);
    for (const sagas::ExpressionUse& use : draft_.uses) {
      const bool of_step = use.step == index && use.reference.size() > 1 && use.reference[0] == "steps";
      if (of_step && !knows(steps, use.reference[1]))
        warn(use.place, "there is no step '" + use.reference[1] + "'" + of, steps, use.reference[1]);
    }
  }

 private:
  static sagas::Place place_of(const DraftRule& rule, std::string_view key) {
    return rule.node.find(key)->place();
  }
  void warn(sagas::Place place, const std::string& message, const Words& known, const std::string& word) {
    faults_.warning(place, message, sagas::suggestion(word, known));
  }

  const ViewDraft& draft_;
  const sagas::Catalog& sagas_;
  FaultList& faults_;
};

}  // namespace

void check_names(const ViewDraft& draft, const sagas::Catalog& sagas, FaultList& faults) {
  NameCheck check(draft, sagas, faults);
  for (std::size_t i = 0; i < draft.rules.size(); ++i) check.check(i);
}

}  // namespace skald::views
