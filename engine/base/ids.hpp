// Strong types for what is counted and named, so that no two of them can be confused.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/base/error.hpp"
#include "engine/base/random.hpp"
#include "engine/base/time.hpp"

namespace skald {

// A slice of the log, 0 … count−1.
struct Partition {
  std::uint16_t number = 0;
  auto operator<=>(const Partition&) const = default;
};

// A saga's id: a UUIDv7 (RFC 9562) whose last 16 bits are its partition, so that any node routes by the id.
struct SagaId {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const SagaId&) const = default;
  Partition partition() const { return {static_cast<std::uint16_t>(bytes[14] << 8 | bytes[15])}; }
};

SagaId new_saga_id(Timestamp now, Partition partition, Random& random);
// "0198c1f2-…": 36 characters, lower case.
std::string to_text(const SagaId& id);
Result<SagaId> parse_saga_id(std::string_view text);

// Of a business key: that of the saga whose id it is, else SHA-256: 4 bytes, big-endian, modulo the count.
Partition partition_of(std::string_view business_key, std::uint16_t partition_count);

// Place of an event in the log: "partition-position", positions counting from 1.
struct Position {
  Partition partition;
  std::int64_t number = 0;
  auto operator<=>(const Position&) const = default;
};
std::string to_text(Position position);
Result<Position> parse_position(std::string_view text);

}  // namespace skald

template <>
struct std::hash<skald::SagaId> {
  std::size_t operator()(const skald::SagaId& id) const noexcept {
    // Bytes 6–13 hold the random part of a UUIDv7.
    std::size_t value = 0;
    for (int i = 6; i < 14; ++i) value = value << 8 | id.bytes[static_cast<std::size_t>(i)];
    return value;
  }
};
