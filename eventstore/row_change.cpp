#include "eventstore/row_change.hpp"

#include <algorithm>
#include <map>

#include "engine/base/check.hpp"
#include "eventstore/decimal.hpp"

namespace skald::store {
namespace {

std::strong_ordering in_time(const std::string& a, const std::string& b) {
  const auto x = parse_rfc3339(a), y = parse_rfc3339(b);
  CHECK_THAT(x && y, "cells of timestamptz are checked before");
  return *x <=> *y;
}

std::strong_ordering by_type(ColumnType type, const std::string& a, const std::string& b) {
  switch (type) {
    case ColumnType::Integer:
    case ColumnType::Bigint:
    case ColumnType::Numeric: return compare_decimals(a, b);
    case ColumnType::Timestamptz: return in_time(a, b);
    case ColumnType::Text: return a <=> b;
    case ColumnType::Boolean:
    case ColumnType::Uuid:
    case ColumnType::Jsonb: break;
  }
  check_failed("type", __FILE__, __LINE__, "the loader refuses max and min of other types");
}

// Two lists, newest first, become one.
ColumnChange newest(const ColumnChange& earlier, const ColumnChange& later, std::size_t limit) {
  ColumnChange both;
  both.reserve(earlier.size() + later.size());
  std::merge(later.begin(), later.end(), earlier.begin(), earlier.end(), std::back_inserter(both),
             [](const Placed& a, const Placed& b) { return a.place > b.place; });
  if (both.size() > limit) both.resize(limit);
  return both;
}

void compose_column(const ViewColumn& column, ColumnChange& earlier, const ColumnChange& later) {
  if (later.empty()) return;
  if (earlier.empty()) {
    earlier = later;
    return;
  }
  Placed& before = earlier.front();
  const Placed& after = later.front();
  const auto keep_if = [&](auto wanted) {
    if (wanted(by_type(column.type, *after.value, *before.value))) before = after;
  };
  switch (column.merge) {
    case Merge::Key: check_failed("merge", __FILE__, __LINE__, "a key has no changes");
    case Merge::Replace: earlier = later; return;
    case Merge::Latest:
      if (after.place >= before.place) earlier = later;
      return;
    case Merge::Sum:
      before = {decimal_sum(*before.value, *after.value), std::max(before.place, after.place)};
      return;
    case Merge::Max: return keep_if([](std::strong_ordering order) { return order > 0; });
    case Merge::Min: return keep_if([](std::strong_ordering order) { return order < 0; });
    case Merge::Newest: earlier = newest(earlier, later, column.limit); return;
  }
}

}  // namespace

RowChange compose(const ViewTable& table, RowChange earlier, const RowChange& later) {
  if (later.kind != RowChange::Kind::Merge) return later;
  if (earlier.kind == RowChange::Kind::Remove)
    return {RowChange::Kind::Renew, std::move(earlier.key), later.columns};
  const std::size_t key = table.key_columns();
  for (std::size_t i = 0; i < earlier.columns.size(); ++i)
    compose_column(table.columns[key + i], earlier.columns[i], later.columns[i]);
  return earlier;
}

std::vector<RowChange> netted(const ViewTable& table, std::vector<RowChange> changes) {
  std::map<std::vector<std::string>, RowChange> by_key;
  for (RowChange& change : changes) {
    const auto [known, fresh] = by_key.try_emplace(change.key);
    known->second = fresh ? std::move(change) : compose(table, std::move(known->second), change);
  }
  std::vector<RowChange> result;
  result.reserve(by_key.size());
  for (auto& [key, change] : by_key) result.push_back(std::move(change));
  return result;
}

}  // namespace skald::store
