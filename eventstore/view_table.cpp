#include "eventstore/view_table.hpp"

#include <algorithm>

namespace skald::store {

std::size_t ViewTable::key_columns() const {
  const auto behind = std::find_if(columns.begin(), columns.end(),
                                   [](const ViewColumn& column) { return column.merge != Merge::Key; });
  return static_cast<std::size_t>(behind - columns.begin());
}

}  // namespace skald::store
