// The decoding of what PostgreSQL answers. The input becomes a result of libpq as a server could have sent
// it: any length in any column. A value of the right size is read as its bytes say; one of the wrong size
// stops the engine at a named check and never reads beyond its end.
#include <algorithm>
#include <string>

#include "eventstore/pg/rows.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

struct Stopped {};

}  // namespace

namespace skald {

// Takes the place of engine/base/check.cpp: here a stop is an outcome, which is looked at.
void check_failed(std::string_view, std::string_view, int, std::string_view) {
  throw Stopped{};
}

}  // namespace skald

namespace {

using namespace skald;
using store::Rows;

// Not CHECK_THAT, which is under test here.
void require(bool holds, const char* why) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", why);
  std::abort();
}

constexpr int kNull = 15;  // a length of 0 … 14, or 16 and 17, or no value at all

struct Table {
  int columns = 0, rows = 0;
  std::vector<std::optional<std::string>> cells;
};

// First byte: the number of columns. Then for each cell a byte with its length, and its bytes.
Table table_of(std::string_view input) {
  Table table;
  if (input.empty()) return table;
  table.columns = 1 + static_cast<std::uint8_t>(input.front()) % 8;
  input.remove_prefix(1);
  while (!input.empty()) {
    const auto length = static_cast<std::size_t>(static_cast<std::uint8_t>(input.front()) % 40);
    input.remove_prefix(1);
    if (length == kNull)
      table.cells.push_back(std::nullopt);
    else
      table.cells.emplace_back(input.substr(0, length));
    if (length != kNull) input.remove_prefix(std::min(length, input.size()));
  }
  table.rows = static_cast<int>(table.cells.size()) / table.columns;
  return table;
}

Rows rows_of(const Table& table) {
  PGresult* result = PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK);
  std::vector<PGresAttDesc> columns(static_cast<std::size_t>(table.columns));
  char name[] = "column";
  for (auto& column : columns)
    column = {
        .name = name, .tableid = 0, .columnid = 0, .format = 1, .typid = 0, .typlen = -1, .atttypmod = -1};
  require(PQsetResultAttrs(result, table.columns, columns.data()) == 1, "libpq takes the columns");
  for (int cell = 0; cell < table.rows * table.columns; ++cell) {
    auto value = table.cells[static_cast<std::size_t>(cell)];
    require(PQsetvalue(result, cell / table.columns, cell % table.columns, value ? value->data() : nullptr,
                       value ? static_cast<int>(value->size()) : -1) == 1,
            "libpq takes the value");
  }
  return Rows(result);
}

// What `read` gives, or nothing where it stopped.
template <class Read>
auto attempt(Read read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const Stopped&) {
    return std::nullopt;
  }
}

// The second opinion: the bytes, most significant first.
std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

template <class Integer>
void check_integer(const std::optional<Integer>& read, std::string_view bytes) {
  require(read.has_value() == (bytes.size() == sizeof(Integer)), "a number has exactly its size");
  if (read) require(*read == static_cast<Integer>(big_endian(bytes)), "a number is what its bytes say");
}

void check_cell(const Rows& rows, int row, int column, const std::optional<std::string>& cell) {
  const std::string bytes = cell.value_or("");
  require(rows.is_null(row, column) == !cell.has_value(), "null is null");
  require(rows.bytes(row, column) == bytes && rows.text(row, column) == bytes, "bytes are bytes");
  require(rows.optional_text(row, column) == cell, "a text is there or not");
  check_integer(attempt([&] { return rows.int2(row, column); }), bytes);
  check_integer(attempt([&] { return rows.int4(row, column); }), bytes);
  check_integer(attempt([&] { return rows.int8(row, column); }), bytes);

  const auto truth = attempt([&] { return rows.boolean(row, column); });
  require(truth.has_value() == (bytes.size() == 1), "a boolean is one byte");
  if (truth) require(*truth == (bytes[0] != 0), "a boolean is what its byte says");

  const auto partition = attempt([&] { return rows.partition(row, column); });
  require(partition.has_value() == (bytes.size() == 2), "a partition is a small number");
  if (partition) require(partition->number == big_endian(bytes), "a partition is what its bytes say");

  const auto id = attempt([&] { return rows.saga_id(row, column); });
  require(id.has_value() == (bytes.size() == 16), "an id has sixteen bytes");
  for (std::size_t i = 0; id && i < bytes.size(); ++i)
    require(id->bytes[i] == static_cast<std::uint8_t>(bytes[i]), "an id is its bytes");

  // The type bytea knows no length: what is missing counts as zero, and what is too much is not looked at.
  const auto hash = rows.hash(row, column);
  for (std::size_t i = 0; i < hash.size(); ++i)
    require(hash[i] == (i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0), "a hash is its bytes");

  const auto time = attempt([&] { return rows.optional_time(row, column); });
  require(time.has_value() == (!cell || bytes.size() == 8), "a time has eight bytes or is not there");
  if (time) require(time->has_value() == cell.has_value(), "a time is there or not");
  if (time && *time) {
    const auto later = attempt([&] { return rows.time(row, column); });
    require(later && **time == *later, "a time is a time");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const Table table = table_of(fuzz::text_of(bytes, size));
  if (table.columns == 0) return 0;
  const Rows rows = rows_of(table);
  require(rows.count() == table.rows, "every row is there");
  for (int cell = 0; cell < table.rows * table.columns; ++cell)
    check_cell(rows, cell / table.columns, cell % table.columns, table.cells[static_cast<std::size_t>(cell)]);
  return 0;
}
