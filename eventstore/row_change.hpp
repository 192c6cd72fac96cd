// compose: what two changes of one row are together. Netting a batch and the table in memory (view_rows.hpp)
// both go through it; the SQL of a merge does the same.
#pragma once

#include "eventstore/view_table.hpp"

namespace skald::store {

// Both are of one row; `later` was made after `earlier` (of events of one partition: in their order). Changes
// of different partitions may be composed in either order where the table allows it: all but Replace, Renew
// and Remove.
RowChange compose(const ViewTable& table, RowChange earlier, const RowChange& later);

// One change per key, in the order of keys.
std::vector<RowChange> netted(const ViewTable& table, std::vector<RowChange> changes);

}  // namespace skald::store
