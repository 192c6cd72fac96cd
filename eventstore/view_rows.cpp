#include "eventstore/view_rows.hpp"

#include <utility>

namespace skald::store {
namespace {

std::string json_list(const ColumnChange& elements) {
  std::string list = "[";
  for (const Placed& element : elements) {
    if (list.size() > 1) list += ',';
    list += *element.value;
  }
  return list += ']';
}

Cell shown(const ViewColumn& column, const ColumnChange& change) {
  if (column.merge == Merge::Newest) return json_list(change);
  if (!change.empty()) return change.front().value;
  return column.merge == Merge::Sum ? Cell("0") : std::nullopt;
}

}  // namespace

void ViewRows::merge(const RowChange& change) {
  if (change.kind == RowChange::Kind::Remove) {
    rows_.erase(change.key);
    return;
  }
  const auto [row, fresh] = rows_.try_emplace(change.key, change);
  if (!fresh) row->second = compose(table_, std::move(row->second), change);
}

std::vector<ViewRows::Row> ViewRows::rows() const {
  const std::size_t keys = table_.key_columns();
  std::vector<Row> result;
  result.reserve(rows_.size());
  for (const auto& [key, change] : rows_) {
    Row& row = result.emplace_back(key.begin(), key.end());
    for (std::size_t i = 0; i < change.columns.size(); ++i)
      row.push_back(shown(table_.columns[keys + i], change.columns[i]));
  }
  return result;
}

}  // namespace skald::store
