// ViewRows: a view's table in memory, which says what merging a change means. The store in memory keeps its
// views in it, and tests hold the SQL against it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "eventstore/row_change.hpp"

namespace skald::store {

class ViewRows {
 public:
  explicit ViewRows(ViewTable table) : table_(std::move(table)) {}

  void merge(const RowChange& change);

  // What a reader sees: a cell for each column of the table, the key's first. A Sum that nothing was added to
  // is 0; the elements of a Newest are one JSON list.
  using Row = std::vector<Cell>;
  std::vector<Row> rows() const;  // in the order of keys
  std::size_t size() const { return rows_.size(); }

 private:
  ViewTable table_;
  std::map<std::vector<std::string>, RowChange> rows_;  // all that was merged into each row, as one change
};

}  // namespace skald::store
