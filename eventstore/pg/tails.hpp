// Reads the answer of statements::kTails: the tails of a writer's partitions, and the time of the database.
#pragma once

#include <map>

#include "eventstore/pg/database_clock.hpp"
#include "eventstore/pg/holdings.hpp"
#include "eventstore/pg/rows.hpp"

namespace skald::store {

inline std::map<Partition, Tail> read_tail_rows(const Rows& rows, DatabaseClock& clock) {
  std::map<Partition, Tail> tails;
  for (int row = 0; row < rows.count(); ++row) {
    auto& tail = tails[rows.partition(row, 0)];
    if (!rows.is_null(row, 1)) tail = {rows.int8(row, 1), rows.time(row, 2)};
    clock.observe(rows.time(row, 3));
  }
  return tails;
}

}  // namespace skald::store
