#include "projections/view_checks.hpp"

#include <algorithm>

namespace skald::views {
namespace {

using sagas::FaultList;

// "${ .saga.id }" and nothing more.
bool is_path(const core::Template& value, std::string_view path) {
  if (!value.source().is_string()) return false;
  std::string_view text = value.source().as_string();
  if (!text.starts_with("${") || !text.ends_with('}')) return false;
  text = text.substr(2, text.size() - 3);
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return false;
  return text.substr(first, text.find_last_not_of(' ') + 1 - first) == path;
}

bool names_partition(const core::Template& value) {
  return is_path(value, ".saga.id") || is_path(value, ".saga.businessKey");
}

// The first rule that keeps this column of the key from naming the row's partition.
const DraftRule* first_astray(const ViewDraft& draft, std::size_t column) {
  const auto astray = std::find_if(draft.rules.begin(), draft.rules.end(), [&](const DraftRule& rule) {
    return column >= rule.rule.key.size() || !names_partition(rule.rule.key[column]);
  });
  return astray == draft.rules.end() ? nullptr : &*astray;
}

// Of all columns of the key, the one that comes furthest says best what is in the way.
int line_in_the_way(const ViewDraft& draft) {
  const DraftRule* furthest = &draft.rules.front();
  for (std::size_t i = 0; i < draft.key_columns(); ++i)
    if (const DraftRule* astray = first_astray(draft, i)) furthest = std::max(furthest, astray);
  return furthest->key.place().line;
}

// Whether the values of that fold are surely not below 0.
bool counts_up(const core::Template& value) {
  if (!value.is_constant()) return false;
  const auto constant = value.evaluate(Json());
  return constant && constant->is_number() && constant->as_number() >= 0;
}

bool reads_succeeded(const Rule& rule) {
  if (!rule.condition) return false;
  const auto& reads = rule.condition->references();
  return std::any_of(reads.begin(), reads.end(), [](const core::Reference& reference) {
    return reference.size() >= 2 && reference[0] == "event" && reference[1] == "succeeded";
  });
}

// The undo of a step that was only possibly done may find that nothing had been done, and nothing counted.
void check_count_down(const ViewDraft& draft, const DraftRule& rule, FaultList& faults) {
  const auto& events = rule.rule.events;
  if (std::find(events.begin(), events.end(), "StepCompensated") == events.end()) return;
  if (reads_succeeded(rule.rule)) return;
  for (const Fold& fold : rule.rule.folds)
    if (draft.columns[fold.column].written_by == FoldWord::Add && !counts_up(fold.value))
      faults.warning(
          rule.node.key_place("add"),
          "this counts down for undos of steps that were only possibly done too, and so below what "
          "was counted up",
          "add if: ${ .event.succeeded }");
}

}  // namespace

bool is_ordered(const ViewDraft& draft) {
  for (std::size_t i = 0; i < draft.key_columns(); ++i)
    if (!first_astray(draft, i)) return true;
  return false;
}

void check_removals(const ViewDraft& draft, FaultList& faults) {
  if (draft.key_columns() == 0 || is_ordered(draft)) return;
  for (const DraftRule& rule : draft.rules)
    if (rule.rule.remove)
      faults.error(rule.node.key_place("remove"),
                   "rows cannot be removed here: with the key of line " +
                       std::to_string(line_in_the_way(draft)) +
                       " a row may come from several partitions, whose events have no common order",
                   "make a column of the key ${ .saga.id } or ${ .saga.businessKey } in all rules, or set a "
                   "status instead");
}

void check_columns(const ViewDraft& draft, FaultList& faults) {
  for (const DraftColumn& column : draft.columns)
    if (!column.is_key && !column.written_by)
      faults.warning(column.place, "no rule writes '" + column.name + "'", "remove it, or let a rule set it");
  for (const DraftRule& rule : draft.rules) check_count_down(draft, rule, faults);
}

}  // namespace skald::views
