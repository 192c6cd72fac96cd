// Decimal: a JSON number exactly as its text says, without the rounding of a double. Schemas compare with it,
// so that 9007199254740993 is more than 9007199254740992, 1.0 is an integer and 19.99 a multiple of 0.01.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/json.hpp"

namespace skald::sagas {

// ± digits × 10^exponent. The digits neither begin nor end with 0, and zero has none: equal numbers are equal
// here.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;

  bool is_integer() const { return exponent >= 0; }
  bool operator==(const Decimal&) const = default;
};
std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);

// `text` is a valid JSON number.
Decimal parse_decimal(std::string_view text);
inline Decimal decimal_of(const Json& number) {
  return parse_decimal(number.number_text());
}
// Equal numbers give equal texts.
std::string to_text(const Decimal& number);

// The divisor is more than zero and has at most kMaxDivisorDigits digits: then its digits fit a machine word.
bool is_multiple(const Decimal& number, const Decimal& divisor);
inline constexpr std::size_t kMaxDivisorDigits = 18;

}  // namespace skald::sagas
