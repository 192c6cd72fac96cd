#include "eventstore/pg/rows.hpp"

#include <algorithm>
#include <type_traits>

#include "engine/base/check.hpp"
#include "eventstore/pg/parameters.hpp"

namespace skald::store {

namespace {

template <class Integer>
Integer read(std::string_view bytes) {
  CHECK_THAT(bytes.size() == sizeof(Integer), "the column has the type its reader expects");
  std::make_unsigned_t<Integer> bits = 0;
  for (const char byte : bytes) {
    bits = static_cast<decltype(bits)>(bits << 8 | static_cast<std::uint8_t>(byte));
  }
  return static_cast<Integer>(bits);
}

}  // namespace

std::string_view Rows::bytes(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

bool Rows::boolean(int row, int column) const {
  const auto raw = bytes(row, column);
  CHECK_THAT(raw.size() == 1, "the column is a boolean");
  return raw.front() != 0;
}

std::int16_t Rows::int2(int row, int column) const {
  return read<std::int16_t>(bytes(row, column));
}
std::int32_t Rows::int4(int row, int column) const {
  return read<std::int32_t>(bytes(row, column));
}
std::int64_t Rows::int8(int row, int column) const {
  return read<std::int64_t>(bytes(row, column));
}

std::optional<std::string> Rows::optional_text(int row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return text(row, column);
}

SagaId Rows::saga_id(int row, int column) const {
  const auto raw = bytes(row, column);
  SagaId id;
  CHECK_THAT(raw.size() == id.bytes.size(), "the column is a uuid");
  std::copy(raw.begin(), raw.end(), id.bytes.begin());
  return id;
}

std::array<std::uint8_t, 32> Rows::hash(int row, int column) const {
  std::array<std::uint8_t, 32> value{};
  const auto raw = bytes(row, column);
  std::copy_n(raw.begin(), std::min(raw.size(), value.size()), value.begin());
  return value;
}

Timestamp Rows::time(int row, int column) const {
  return from_postgres(int8(row, column));
}

std::optional<Timestamp> Rows::optional_time(int row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return time(row, column);
}

Partition Rows::partition(int row, int column) const {
  return {static_cast<std::uint16_t>(int2(row, column))};
}

}  // namespace skald::store
