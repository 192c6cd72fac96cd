// Rows: what a statement answered, read from PostgreSQL's binary format by type. The reader of a column knows
// its type from the statement beside it; columns count from 0. A value of another size than its type has
// means that this is no database of ours: a check stops the process.
#pragma once

#include <libpq-fe.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace skald::store {

class Rows {
 public:
  explicit Rows(PGresult* result) : result_(result) {}

  int count() const { return PQntuples(result_.get()); }
  // What `read` makes of each row: read(these, row).
  template <class Read>
  auto each(Read read) const {
    std::vector<decltype(read(*this, 0))> all;
    all.reserve(static_cast<std::size_t>(count()));
    for (int row = 0; row < count(); ++row) all.push_back(read(*this, row));
    return all;
  }
  bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  bool boolean(int row, int column) const;
  std::int16_t int2(int row, int column) const;
  std::int32_t int4(int row, int column) const;
  std::int64_t int8(int row, int column) const;
  std::string_view bytes(int row, int column) const;  // valid as long as these Rows
  std::string text(int row, int column) const { return std::string(bytes(row, column)); }
  std::optional<std::string> optional_text(int row, int column) const;
  SagaId saga_id(int row, int column) const;
  std::array<std::uint8_t, 32> hash(int row, int column) const;  // zeros where it is null
  Timestamp time(int row, int column) const;
  std::optional<Timestamp> optional_time(int row, int column) const;
  Partition partition(int row, int column) const;

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

}  // namespace skald::store
