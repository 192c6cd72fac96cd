// Parameters of a statement in PostgreSQL's binary format (network byte order; src/backend/utils/adt/*send):
// single values and one-dimensional arrays. An array costs one parameter however many rows it carries.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace skald::store {

// Object ids of types are fixed for ever (src/include/catalog/pg_type.dat).
namespace pgtype {
inline constexpr Oid kInt2 = 21, kInt4 = 23, kInt8 = 20, kText = 25, kUuid = 2950, kTimestamptz = 1184,
                     kJson = 114, kBytea = 17, kBool = 16;
inline constexpr Oid kInt2Array = 1005, kInt4Array = 1007, kInt8Array = 1016, kTextArray = 1009,
                     kUuidArray = 2951, kTimestamptzArray = 1185, kJsonArray = 199, kByteaArray = 1001;
}  // namespace pgtype

// A column of values on its way to unnest().
class ArrayParameter {
 public:
  explicit ArrayParameter(Oid element_type);
  void add(std::int16_t value);
  void add(std::int32_t value);
  void add(std::int64_t value);
  void add(std::string_view bytes);  // text, json, bytea
  void add(const SagaId& id);
  void add(Timestamp at);
  void add_null();
  template <class T>
  void add(const std::optional<T>& value) {
    if (value)
      add(*value);
    else
      add_null();
  }
  // The finished parameter; the array is empty afterwards.
  std::string take();

 private:
  void begin_element(std::int32_t size);
  std::string bytes_;
  std::int32_t count_ = 0;
  bool has_null_ = false;
};

class Parameters {
 public:
  Parameters& add(bool value);
  Parameters& add(std::int32_t value);
  Parameters& add(std::int64_t value);
  Parameters& add(std::string_view text);
  Parameters& add(const char* text) { return add(std::string_view(text)); }
  Parameters& add(const SagaId& id);
  Parameters& add(Timestamp at);
  Parameters& add(ArrayParameter array);
  Parameters& add_null();
  template <class T>
  Parameters& add(const std::optional<T>& value) {
    return value ? add(*value) : add_null();
  }

  std::size_t size() const { return values_.size(); }
  // In the shape PQsendQueryPrepared asks for; valid until the next add.
  std::vector<const char*> pointers() const;
  std::vector<int> lengths() const;

 private:
  std::vector<std::optional<std::string>> values_;
};

// PostgreSQL counts microseconds from 2000-01-01; the largest Timestamp is 'infinity'.
std::int64_t to_postgres(Timestamp at);
Timestamp from_postgres(std::int64_t microseconds);

}  // namespace skald::store
