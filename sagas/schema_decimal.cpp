#include "sagas/schema_decimal.hpp"

#include <algorithm>
#include <charconv>

namespace skald::sagas {
namespace {

using Word = std::uint64_t;
__extension__ using DoubleWord = unsigned __int128;

// An exponent this far out is as good as any other; clamping keeps the sums below within int64.
constexpr std::int64_t kExponentBound = 1'000'000'000'000'000;

std::int64_t exponent_of(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const bool negative = !text.empty() && text.front() == '-';
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc::result_out_of_range) return negative ? -kExponentBound : kExponentBound;
  return std::clamp(value, -kExponentBound, kExponentBound);
}

// The order of two magnitudes; neither is zero.
std::strong_ordering compare_magnitudes(const Decimal& a, const Decimal& b) {
  const auto places_a = static_cast<std::int64_t>(a.digits.size()) + a.exponent;
  const auto places_b = static_cast<std::int64_t>(b.digits.size()) + b.exponent;
  if (places_a != places_b) return places_a <=> places_b;
  // Aligned at the first digit, and without zeros at the end, the order is that of the texts.
  return a.digits.compare(b.digits) <=> 0;
}

int sign(const Decimal& number) {
  return number.digits.empty() ? 0 : number.negative ? -1 : 1;
}

Word multiply(Word a, Word b, Word modulus) {
  return static_cast<Word>(DoubleWord{a} * b % modulus);
}

Word power_of_ten(std::int64_t exponent, Word modulus) {
  Word result = 1 % modulus;
  for (Word factor = 10 % modulus; exponent > 0; exponent >>= 1, factor = multiply(factor, factor, modulus))
    if (exponent & 1) result = multiply(result, factor, modulus);
  return result;
}

Word remainder(std::string_view digits, Word modulus) {
  DoubleWord rest = 0;
  for (const char digit : digits) rest = (rest * 10 + static_cast<Word>(digit - '0')) % modulus;
  return static_cast<Word>(rest);
}

}  // namespace

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  if (sign(a) != sign(b)) return sign(a) <=> sign(b);
  if (sign(a) == 0) return std::strong_ordering::equal;
  return a.negative ? compare_magnitudes(b, a) : compare_magnitudes(a, b);
}

Decimal parse_decimal(std::string_view text) {
  Decimal number;
  if (!text.empty() && text.front() == '-') {
    number.negative = true;
    text.remove_prefix(1);
  }
  if (const auto at = text.find_first_of("eE"); at != std::string_view::npos) {
    number.exponent = exponent_of(text.substr(at + 1));
    text = text.substr(0, at);
  }
  const auto point = text.find('.');
  number.digits = text.substr(0, point);
  if (point != std::string_view::npos) {
    number.digits += text.substr(point + 1);
    number.exponent -= static_cast<std::int64_t>(text.size() - point - 1);
  }
  const auto last = number.digits.find_last_not_of('0');
  if (last == std::string::npos) return {};
  number.exponent += static_cast<std::int64_t>(number.digits.size() - last - 1);
  number.digits.erase(last + 1);
  number.digits.erase(0, number.digits.find_first_not_of('0'));
  return number;
}

std::string to_text(const Decimal& number) {
  if (number.digits.empty()) return "0";
  return (number.negative ? "-" : "") + number.digits + 'e' + std::to_string(number.exponent);
}

bool is_multiple(const Decimal& number, const Decimal& divisor) {
  if (number.digits.empty()) return true;
  // The quotient is digits/divisor's digits × 10^shift. With a negative shift the digits would have to be
  // divisible by ten, and they do not end with 0.
  const std::int64_t shift = number.exponent - divisor.exponent;
  if (shift < 0) return false;
  Word modulus = 0;
  std::from_chars(divisor.digits.data(), divisor.digits.data() + divisor.digits.size(), modulus);
  return multiply(remainder(number.digits, modulus), power_of_ten(shift, modulus), modulus) == 0;
}

}  // namespace skald::sagas
