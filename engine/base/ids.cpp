#include "engine/base/ids.hpp"

#include <charconv>
#include <optional>

#include "engine/base/hex.hpp"
#include "engine/base/sha256.hpp"

namespace skald {
namespace {

constexpr bool dash_follows(std::size_t byte) {
  return byte == 3 || byte == 5 || byte == 7 || byte == 9;
}

template <class Number>
bool parse_number(std::string_view text, Number& into) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), into);
  return fault == std::errc{} && end == text.data() + text.size();
}

// The partition that a saga's id names, if the key is the text of one: that saga itself bears this key where
// it has none of its own, and all events of a key lie in one partition.
std::optional<Partition> partition_in(std::string_view business_key, std::uint16_t partition_count) {
  if (business_key.size() != 36) return std::nullopt;
  const auto id = parse_saga_id(business_key);
  const bool is_saga = id && (id->bytes[6] >> 4) == 7 && (id->bytes[8] >> 6) == 2;
  if (!is_saga || id->partition().number >= partition_count || to_text(*id) != business_key)
    return std::nullopt;
  return id->partition();
}

}  // namespace

SagaId new_saga_id(Timestamp now, Partition partition, Random& random) {
  SagaId id;
  const auto milliseconds = static_cast<std::uint64_t>(now.microseconds / 1'000);
  const auto fraction = static_cast<std::uint64_t>(now.microseconds % 1'000);
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
  // RFC 9562 section 6.2, method 3: the twelve bits after the version hold the fraction of the millisecond.
  const auto sub = fraction * 4096 / 1'000;
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | (sub >> 8));
  id.bytes[7] = static_cast<std::uint8_t>(sub);
  const std::uint64_t chance = random.next();
  for (std::size_t i = 0; i < 6; ++i) id.bytes[8 + i] = static_cast<std::uint8_t>(chance >> (8 * i));
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));
  id.bytes[14] = static_cast<std::uint8_t>(partition.number >> 8);
  id.bytes[15] = static_cast<std::uint8_t>(partition.number);
  return id;
}

std::string to_text(const SagaId& id) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(36, '-');
  std::size_t at = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    text[at++] = kDigits[id.bytes[i] >> 4];
    text[at++] = kDigits[id.bytes[i] & 15];
    if (dash_follows(i)) ++at;
  }
  return text;
}

Result<SagaId> parse_saga_id(std::string_view text) {
  const Error fault = invalid("'" + std::string(text.substr(0, 60)) + "' is not a saga id (a UUID)");
  if (text.size() != 36) return fault;
  SagaId id;
  std::size_t at = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    const int high = hex_value(text[at]), low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) return fault;
    id.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    at += 2;
    if (dash_follows(i) && text[at++] != '-') return fault;
  }
  return id;
}

Partition partition_of(std::string_view business_key, std::uint16_t partition_count) {
  if (const auto named = partition_in(business_key, partition_count)) return *named;
  const auto hash = sha256(business_key);
  const std::uint32_t first =
      std::uint32_t{hash[0]} << 24 | std::uint32_t{hash[1]} << 16 | std::uint32_t{hash[2]} << 8 | hash[3];
  return {static_cast<std::uint16_t>(first % partition_count)};
}

std::string to_text(Position position) {
  return std::to_string(position.partition.number) + "-" + std::to_string(position.number);
}

Result<Position> parse_position(std::string_view text) {
  Position position;
  const auto dash = text.find('-');
  if (dash == std::string_view::npos || !parse_number(text.substr(0, dash), position.partition.number) ||
      !parse_number(text.substr(dash + 1), position.number) || position.number < 0)
    return invalid("'" + std::string(text.substr(0, 60)) + "' is not a position like 17-204");
  return position;
}

}  // namespace skald
