#include "projections/fold.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/base/check.hpp"
#include "engine/core/path.hpp"
#include "engine/core/scope.hpp"
#include "eventstore/row_change.hpp"
#include "projections/column_value.hpp"
#include "projections/view_scope.hpp"

namespace skald::views {
namespace {

using store::Merge;
using store::RowChange;

bool is_step(const Json* path, std::string_view id) {
  return path && path->is_string() && core::id_of(path->as_string()) == id;
}

bool is_named(const Json* name, std::string_view wanted) {
  return name && name->is_string() && name->as_string() == wanted;
}

// Of the rules that name its type.
bool fits(const Rule& rule, const Occurrence& event) {
  return (rule.saga.empty() || rule.saga == event.definition->name) &&
         (rule.step.empty() || is_step(event.payload.find("step"), rule.step)) &&
         (rule.name.empty() || is_named(event.payload.find("name"), rule.name));
}

// What one rule makes of one event.
class RuleFold {
 public:
  RuleFold(const View& view, const Rule& rule, const Occurrence& event, const Json& scope, Wanted wanted)
      : view_(view), rule_(rule), event_(event), scope_(scope), wanted_(wanted) {}

  // Nothing where the condition is not met or a column of the key is null.
  Result<std::optional<RowChange>> run() const {
    if (rule_.condition) {
      const auto met = rule_.condition->evaluate(scope_);
      if (!met) return fault("'if' fails: " + met.error().message);
      if (!core::is_true(*met)) return std::optional<RowChange>();
    }
    auto key = row_key();
    if (!key) return key.error();
    if (key->empty()) return std::optional<RowChange>();
    if (rule_.remove) return std::optional(RowChange{RowChange::Kind::Remove, std::move(*key), {}});
    auto columns = column_changes();
    if (!columns) return columns.error();
    return std::optional(RowChange{RowChange::Kind::Merge, std::move(*key), std::move(*columns)});
  }

 private:
  Result<std::vector<std::string>> row_key() const {
    std::vector<std::string> key;
    for (std::size_t i = 0; i < rule_.key.size(); ++i) {
      const auto value = rule_.key[i].evaluate(scope_);
      if (!value) return fault("the key '" + column(i).name + "' fails: " + value.error().message);
      const auto cell = cell_of(i, *value);
      if (!cell) return cell.error();
      if (!*cell) return std::vector<std::string>();
      // Two spellings of one key would be two business keys, in two partitions, and one row.
      if (view_.ordered && value->is_string() && value->as_string() != **cell)
        return fault("the key '" + column(i).name + "' is written " + value->dump() + ", and a " +
                     std::string(to_text(column(i).type)) + " is written \"" + **cell +
                     "\": make the column a text");
      key.push_back(**cell);
    }
    return key;
  }

  Result<std::vector<store::ColumnChange>> column_changes() const {
    std::vector<store::ColumnChange> changes(view_.table.columns.size() - rule_.key.size());
    for (const Fold& fold : rule_.folds) {
      if (!wanted_.column(fold.column)) continue;
      const auto value = fold.value.evaluate(scope_);
      if (!value)
        return fault("the value of '" + column(fold.column).name + "' fails: " + value.error().message);
      auto cell = cell_of(fold.column, *value);
      if (!cell) return cell.error();
      const Merge merge = column(fold.column).merge;
      const bool null_counts = merge == Merge::Replace || merge == Merge::Latest;
      if (*cell || null_counts)
        changes[fold.column - rule_.key.size()].push_back({std::move(*cell), event_.place});
    }
    return changes;
  }

  Result<store::Cell> cell_of(std::size_t index, const Json& value) const {
    auto cell = column_value(column(index), value);
    if (!cell) return fault("'" + column(index).name + "': " + cell.error().message);
    const std::size_t longest = view_.longest[index];
    if (longest > 0 && *cell && (*cell)->size() > longest)
      return fault("'" + column(index).name + "': a value of " + std::to_string((*cell)->size()) +
                   " bytes is too long for a key or an index, which bears " + std::to_string(longest));
    return cell;
  }

  const store::ViewColumn& column(std::size_t index) const { return view_.table.columns[index]; }

  Error fault(const std::string& why) const {
    return invalid("view '" + view_.name() + "', rule of line " + std::to_string(rule_.line) + ", at the " +
                   std::string(event_.type) + " " + to_text(event_.place.position) + " of saga " +
                   to_text(event_.saga) + ": " + why);
  }

  const View& view_;
  const Rule& rule_;
  const Occurrence& event_;
  const Json& scope_;
  const Wanted wanted_;
};

// Of several rules that put an element into one list for the same event, the last one counts, as for `set`.
void add(const store::ViewTable& table, std::vector<RowChange>& changes, RowChange change) {
  const auto same_row = std::find_if(changes.begin(), changes.end(),
                                     [&](const RowChange& other) { return other.key == change.key; });
  if (same_row == changes.end()) return changes.push_back(std::move(change));
  const std::size_t key = change.key.size();
  for (std::size_t i = 0; i < std::min(same_row->columns.size(), change.columns.size()); ++i)
    if (table.columns[key + i].merge == Merge::Newest && !change.columns[i].empty())
      same_row->columns[i].clear();
  *same_row = compose(table, std::move(*same_row), change);
}

}  // namespace

const std::vector<std::size_t>& View::rules_of(std::string_view event_type) const {
  static const std::vector<std::size_t> none;
  const auto found = rules_by_event.find(event_type);
  return found == rules_by_event.end() ? none : found->second;
}

Result<std::vector<RowChange>> fold(const View& view, const Occurrence& event, Wanted wanted) {
  CHECK_THAT(!view.needs_state || (event.state && event.definition),
             "a view that looks at sagas is shown their states");
  const Json own = event.scope ? Json() : view_scope(view.reads, event);
  const Json& scope = event.scope ? *event.scope : own;
  std::vector<RowChange> changes;
  for (const std::size_t number : view.rules_of(event.type)) {
    const Rule& rule = view.rules[number];
    if (!wanted.rule(rule) || !fits(rule, event)) continue;
    auto change = RuleFold(view, rule, event, scope, wanted).run();
    if (!change) return change.error();
    if (*change) add(view.table, changes, std::move(**change));
  }
  return changes;
}

}  // namespace skald::views
