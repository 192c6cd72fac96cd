#include "eventstore/pg/parameters.hpp"

#include <limits>
#include <type_traits>

namespace skald::store {

namespace {

constexpr std::int64_t kEpoch2000 = 946'684'800'000'000;  // in microseconds since 1970
constexpr std::int64_t kInfinity = std::numeric_limits<std::int64_t>::max();
// Beyond the year 294276 PostgreSQL knows no time, and nobody waits that long.
constexpr std::int64_t kLastTime = 9'223'371'331'200'000'000 - 1;

template <class Integer>
void put(std::string& out, Integer value) {
  const auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
  char bytes[sizeof bits];
  for (std::size_t i = 0; i < sizeof bits; ++i)
    bytes[i] = static_cast<char>(bits >> (8 * (sizeof bits - 1 - i)) & 0xFF);
  out.append(bytes, sizeof bits);
}

template <class Integer>
std::string binary(Integer value) {
  std::string out;
  put(out, value);
  return out;
}

std::string_view bytes_of(const SagaId& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

// Header of an array (array_send): dimensions, has nulls, element type, then size and lower bound of each
// dimension. An empty array has no dimension.
constexpr std::size_t kHeaderSize = 20;

}  // namespace

std::int64_t to_postgres(Timestamp at) {
  if (at.microseconds >= kLastTime) return kInfinity;
  if (at.microseconds < std::numeric_limits<std::int64_t>::min() + kEpoch2000 + 1) {
    return std::numeric_limits<std::int64_t>::min();  // '-infinity'
  }
  return at.microseconds - kEpoch2000;
}

Timestamp from_postgres(std::int64_t microseconds) {
  if (microseconds >= kInfinity - kEpoch2000) return {kInfinity};
  return {microseconds + kEpoch2000};
}

ArrayParameter::ArrayParameter(Oid element_type) {
  put<std::int32_t>(bytes_, 1);
  put<std::int32_t>(bytes_, 0);
  put<std::uint32_t>(bytes_, element_type);
  put<std::int32_t>(bytes_, 0);
  put<std::int32_t>(bytes_, 1);
}

void ArrayParameter::begin_element(std::int32_t size) {
  put(bytes_, size);
  ++count_;
}

void ArrayParameter::add(std::int16_t value) {
  begin_element(sizeof value);
  put(bytes_, value);
}

void ArrayParameter::add(std::int32_t value) {
  begin_element(sizeof value);
  put(bytes_, value);
}

void ArrayParameter::add(std::int64_t value) {
  begin_element(sizeof value);
  put(bytes_, value);
}

void ArrayParameter::add(std::string_view bytes) {
  begin_element(static_cast<std::int32_t>(bytes.size()));
  bytes_.append(bytes);
}

void ArrayParameter::add(const SagaId& id) {
  add(bytes_of(id));
}

void ArrayParameter::add(Timestamp at) {
  add(to_postgres(at));
}

void ArrayParameter::add_null() {
  begin_element(-1);
  has_null_ = true;
}

std::string ArrayParameter::take() {
  if (count_ == 0) {
    bytes_.resize(kHeaderSize - 8);
    bytes_.replace(0, 4, binary<std::int32_t>(0));
  } else {
    bytes_.replace(4, 4, binary<std::int32_t>(has_null_ ? 1 : 0));
    bytes_.replace(12, 4, binary(count_));
  }
  return std::move(bytes_);
}

Parameters& Parameters::add(bool value) {
  values_.emplace_back(std::string(1, value ? '\1' : '\0'));
  return *this;
}

Parameters& Parameters::add(std::int32_t value) {
  values_.push_back(binary(value));
  return *this;
}

Parameters& Parameters::add(std::int64_t value) {
  values_.push_back(binary(value));
  return *this;
}

Parameters& Parameters::add(std::string_view text) {
  values_.emplace_back(std::string(text));
  return *this;
}

Parameters& Parameters::add(const SagaId& id) {
  return add(bytes_of(id));
}

Parameters& Parameters::add(Timestamp at) {
  return add(to_postgres(at));
}

Parameters& Parameters::add(ArrayParameter array) {
  values_.push_back(array.take());
  return *this;
}

Parameters& Parameters::add_null() {
  values_.emplace_back(std::nullopt);
  return *this;
}

std::vector<const char*> Parameters::pointers() const {
  std::vector<const char*> all;
  for (const auto& value : values_) all.push_back(value ? value->data() : nullptr);
  return all;
}

std::vector<int> Parameters::lengths() const {
  std::vector<int> all;
  for (const auto& value : values_) all.push_back(value ? static_cast<int>(value->size()) : 0);
  return all;
}

}  // namespace skald::store
