// ScratchView: a view's table once more, that only one connection sees and that goes with it (a temporary
// table). Rows that were folded from the log again stand there, to be held against those that are kept or to
// be shown as they once were. However large the view, memory is PostgreSQL's, and beyond it its disk.
//
// Blocking; for `skald replay verify` and `skald view at`. It writes nothing that anybody else sees.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/pg/blocking.hpp"
#include "eventstore/view_store.hpp"

namespace skald::store {

// Where a generation stands in a partition, and where the log ends there.
struct ViewPlace {
  std::optional<std::int64_t> checkpoint;  // none: there is no row for it
  std::int64_t head = 0;
};

// A value that is not the same in the table that is kept and in the one that was folded again.
struct ViewDifference {
  enum class Kind { Value, Missing, TooMuch };  // the row is missing, or should not be: in what is kept
  Kind kind = Kind::Value;
  std::vector<std::string> key;
  std::string column;  // of Value
  Cell kept, folded;   // of Value
};

class ScratchView {
 public:
  static Result<ScratchView> make(const std::string& conninfo, const ViewTable& table);

  Result<void> merge(const std::vector<RowChange>& changes);  // netted: one per key
  // By key, each alone in memory.
  Result<void> rows(const std::function<Result<void>(std::vector<Cell>)>& take);
  Result<Timestamp> now();

  // By partition, as it stands at this moment.
  Result<std::vector<ViewPlace>> places(Generation generation);
  // From here on the kept rows and places() are those of one moment, until this object goes.
  Result<void> hold_moment();
  // Every difference, by key; the rows of that generation are the ones that are kept.
  Result<void> compare(Generation generation, const std::function<Result<void>(const ViewDifference&)>& take);

 private:
  ScratchView(BlockingConnection database, const ViewTable& table);
  Result<void> write(const std::string& sql, const std::vector<Oid>& types, const Parameters& parameters);

  BlockingConnection database_;
  ViewTable table_;
  std::string merge_, remove_;
};

}  // namespace skald::store
