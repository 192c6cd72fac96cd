// Random views × random logs: however the events are cut into batches, however the partitions interleave,
// whoever folds them, the rows are the same, and they are those of a second, plainer reading of the rules.
#include <algorithm>
#include <deque>
#include <map>

#include "eventstore/decimal.hpp"
#include "tests/first_seed.hpp"
#include "tests/views/random_view.hpp"

namespace skald::views::testing {
namespace {

using store::Merge;
using store::RowChange;
using store::ViewRows;

constexpr std::size_t kViews = 600;
constexpr std::size_t kEvents = 60;

// The changes of every event, by partition in the order of positions.
using Lists = std::map<Partition, std::deque<std::vector<RowChange>>>;

Lists changes_of(const View& view, const SeenLog& log) {
  Lists lists;
  for (const SeenEvent& event : log.events())
    lists[event.place.position.partition].push_back(folded(view, event));
  return lists;
}

void merge_all(ViewRows& rows, const std::vector<RowChange>& changes) {
  for (const RowChange& change : changes) rows.merge(change);
}

ViewRows serial(const View& view, Lists lists) {
  ViewRows rows(view.table);
  for (auto& [partition, events] : lists)
    for (const auto& changes : events) merge_all(rows, changes);
  return rows;
}

// The next events of one partition as one batch.
std::vector<RowChange> batch(std::deque<std::vector<RowChange>>& events, std::size_t size) {
  std::vector<RowChange> all;
  for (; size > 0 && !events.empty(); --size) {
    all.insert(all.end(), events.front().begin(), events.front().end());
    events.pop_front();
  }
  return all;
}

ViewRows interleaved(const View& view, Lists lists, Random& random, std::size_t longest) {
  ViewRows rows(view.table);
  while (!lists.empty()) {
    auto partition = lists.begin();
    std::advance(partition, static_cast<std::ptrdiff_t>(random.below(lists.size())));
    merge_all(rows, netted(view.table, batch(partition->second, 1 + random.below(longest))));
    if (partition->second.empty()) lists.erase(partition);
  }
  return rows;
}

// A batch of events of several partitions.
ViewRows in_one_batch(const View& view, Lists lists, Random& random) {
  std::vector<RowChange> all;
  while (!lists.empty()) {
    auto partition = lists.begin();
    std::advance(partition, static_cast<std::ptrdiff_t>(random.below(lists.size())));
    for (RowChange& change : batch(partition->second, 1)) all.push_back(std::move(change));
    if (partition->second.empty()) lists.erase(partition);
  }
  ViewRows rows(view.table);
  merge_all(rows, netted(view.table, std::move(all)));
  return rows;
}

// Each partition folded by itself as far as it goes, what came of it merged in any order: a rebuild.
ViewRows in_parallel(const View& view, Lists lists, Random& random) {
  std::vector<std::vector<RowChange>> parts;
  for (auto& [partition, events] : lists) parts.push_back(netted(view.table, batch(events, events.size())));
  ViewRows rows(view.table);
  while (!parts.empty()) {
    std::swap(parts[random.below(parts.size())], parts.back());
    merge_all(rows, parts.back());
    parts.pop_back();
  }
  return rows;
}

// A second reading: all events in the one order of their places, each change written down as it is said.
class PlainTable {
 public:
  explicit PlainTable(const View& view) : view_(view), keys_(view.table.key_columns()) {}

  void apply(const RowChange& change) {
    if (change.kind != RowChange::Kind::Merge) removed_ += rows_.erase(change.key);
    if (change.kind == RowChange::Kind::Remove) return;
    const auto [row, fresh] = rows_.try_emplace(change.key, ViewRows::Row(change.columns.size()));
    for (std::size_t i = 0; i < change.columns.size(); ++i)
      write(view_.table.columns[keys_ + i], row->second[i], change.columns[i]);
  }
  std::string text() const {
    std::string text;
    for (const auto& [key, cells] : rows_) {
      for (const std::string& column : key) text += column + '|';
      for (std::size_t i = 0; i < cells.size(); ++i)
        text += shown(view_.table.columns[keys_ + i], cells[i]) + '|';
      text += '\n';
    }
    return text;
  }
  std::size_t size() const { return rows_.size(); }
  std::size_t removed() const { return removed_; }

 private:
  static void write(const store::ViewColumn& column, store::Cell& cell, const store::ColumnChange& change) {
    if (change.empty()) return;
    const store::Cell& value = change.front().value;
    switch (column.merge) {
      case Merge::Key: FAIL("a key does not change"); return;
      case Merge::Replace:
      case Merge::Latest: cell = value; return;
      case Merge::Sum: cell = store::decimal_sum(cell.value_or("0"), *value); return;
      case Merge::Max:
        if (!cell || below(column, *cell, *value)) cell = value;
        return;
      case Merge::Min:
        if (!cell || below(column, *value, *cell)) cell = value;
        return;
      case Merge::Newest: {
        Json::Array list;
        list.push_back(*parse_json(*value));
        const Json older = *parse_json(cell.value_or("[]"));
        for (const Json& element : older.as_array())
          if (list.size() < column.limit) list.push_back(element);
        cell = Json(std::move(list)).dump();
        return;
      }
    }
  }
  static bool below(const store::ViewColumn& column, const std::string& a, const std::string& b) {
    if (column.type == store::ColumnType::Numeric) return std::stod(a) < std::stod(b);
    if (column.type == store::ColumnType::Timestamptz) return *parse_rfc3339(a) < *parse_rfc3339(b);
    return a < b;
  }
  static std::string shown(const store::ViewColumn& column, const store::Cell& cell) {
    if (!cell && column.merge == Merge::Sum) return "0";
    if (!cell && column.merge == Merge::Newest) return "[]";
    return cell.value_or("null");
  }

  const View& view_;
  std::size_t keys_;
  std::map<std::vector<std::string>, ViewRows::Row> rows_;
  std::size_t removed_ = 0;
};

PlainTable plain(const View& view, const SeenLog& log) {
  std::vector<SeenEvent> events = log.events();
  std::sort(events.begin(), events.end(),
            [](const SeenEvent& a, const SeenEvent& b) { return a.place < b.place; });
  PlainTable table(view);
  for (const SeenEvent& event : events)
    for (const RowChange& change : folded(view, event)) table.apply(change);
  return table;
}

std::string text_of(const ViewRows& rows) {
  std::string text;
  for (const auto& row : rows.rows()) {
    for (const auto& cell : row) text += cell.value_or("null") + '|';
    text += '\n';
  }
  return text;
}

TEST_CASE("views: live, in batches, interleaved, in parallel and serially folded rows are the same") {
  std::size_t rows_made = 0, rows_removed = 0, ordered = 0, in_all_partitions = 0;
  const std::uint64_t seed = skald::testing::first_seed();
  for (std::size_t i = 0; i < kViews; ++i) {
    INFO("SKALD_SEED=", seed + i, " test_views -tc='views: live*'");
    auto [random, text, view, log] = ViewAndLog(seed + i, kEvents);
    INFO(text);
    const Lists lists = changes_of(view, log);
    const PlainTable expected = plain(view, log);
    REQUIRE(text_of(serial(view, lists)) == expected.text());
    REQUIRE(text_of(interleaved(view, lists, random, 1)) == expected.text());
    REQUIRE(text_of(interleaved(view, lists, random, 7)) == expected.text());
    REQUIRE(text_of(in_parallel(view, lists, random)) == expected.text());
    REQUIRE(text_of(in_one_batch(view, lists, random)) == expected.text());
    rows_made += expected.size();
    rows_removed += expected.removed();
    ordered += view.ordered;
    in_all_partitions += lists.size() == 4;
  }
  // Logs without rows, removals or several partitions would prove little.
  CHECK(rows_made > 2 * kViews);
  CHECK(rows_removed > kViews / 10);
  CHECK(ordered > kViews / 3);
  CHECK(ordered < kViews * 9 / 10);
  CHECK(in_all_partitions > kViews / 4);
}

}  // namespace
}  // namespace skald::views::testing
