// The tables of views, as the log's database keeps them: rows that changes are merged into. A change says per
// column what to do, not what the row becomes, so changes of different partitions may arrive in any order,
// and nobody reads a row before writing it. The event store knows nothing of what a view means.
//
// What folds events into changes is in projections/; pg/ and memory write them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace skald::store {

// Where an event stands among all others: an order that is the same however the partitions interleave.
struct EventPlace {
  Timestamp time;
  Position position;
  auto operator<=>(const EventPlace&) const = default;
};

// Texts compare by their bytes (collation "C"), so that no operating system's locale decides about a row.
enum class ColumnType { Text, Integer, Bigint, Numeric, Boolean, Timestamptz, Uuid, Jsonb };

// How a change meets what stands in the row.
enum class Merge {
  Key,      // part of the primary key: never changes
  Replace,  // what comes later in its partition wins: all changes of one row come from one partition
  Latest,   // what has the greater place wins; the place is kept in a hidden column
  Sum,      // numeric addition; a new row starts at 0. Kept as numeric whatever its type: an integer
            // would overflow in one order of the changes and not in another
  Max,      // by the order of the type; of text, integer, bigint, numeric, timestamptz
  Min,      // likewise
  Newest,   // a jsonb list of the latest `limit` elements, newest first; a new row starts with []. Places
            // are kept beside them; an event puts at most one element into a list, so they differ
};

struct ViewColumn {
  std::string name;  // letters, digits, _; at most 48. Hidden columns bear other characters
  ColumnType type = ColumnType::Text;
  Merge merge = Merge::Replace;
  std::size_t limit = 0;  // of Newest
  bool operator==(const ViewColumn&) const = default;
};

struct ViewTable {
  std::string view;                               // its name
  std::vector<ViewColumn> columns;                // those of the key first, in the order of the key
  std::vector<std::vector<std::string>> indexes;  // names of columns
  std::size_t key_columns() const;
  bool operator==(const ViewTable&) const = default;
};

// A value in PostgreSQL's text form of its column's type, checked before; none is SQL's null, which only
// Replace and Latest have. Keys have the one form that PostgreSQL itself writes (a uuid in lower case …), so
// equal keys are equal texts; none is of jsonb or numeric.
using Cell = std::optional<std::string>;

struct Placed {
  Cell value;
  EventPlace place;
  bool operator==(const Placed&) const = default;
};

// What becomes of one column: nothing (no elements), one value (Replace, Latest, Sum, Max, Min), or the
// newest elements, newest first (Newest).
using ColumnChange = std::vector<Placed>;

// What a batch of events does to one row, netted: at most one change per key, view and batch.
struct RowChange {
  // Merge: into the row, which is made if it is missing. Renew: the row is removed and made anew with this.
  // Remove: the row goes, if it is there; no columns. The last two only where every row belongs to one
  // partition.
  enum class Kind { Merge, Renew, Remove };
  Kind kind = Kind::Merge;
  std::vector<std::string> key;
  std::vector<ColumnChange> columns;  // one for each column behind the key
  bool operator==(const RowChange&) const = default;
};

}  // namespace skald::store
