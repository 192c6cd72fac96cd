#include "eventstore/decimal.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace skald::store {
namespace {

struct Parts {
  bool negative = false;
  std::string_view whole, fraction;
};

Parts parts_of(std::string_view text) {
  Parts parts;
  parts.negative = text.starts_with('-');
  if (parts.negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  parts.whole = text.substr(0, point);
  if (point != std::string_view::npos) parts.fraction = text.substr(point + 1);
  return parts;
}

// The digits of a number, laid out so that two of them stand digit below digit.
std::string aligned(const Parts& parts, std::size_t whole, std::size_t fraction) {
  std::string digits(whole - parts.whole.size(), '0');
  digits += parts.whole;
  digits += parts.fraction;
  digits.append(fraction - parts.fraction.size(), '0');
  return digits;
}

// What most sums are: counts.
std::optional<std::int64_t> small_integer(std::string_view text) {
  constexpr std::size_t kSurelyFits = 18;
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = fault == std::errc{} && end == text.data() + text.size();
  return whole && text.size() <= kSurelyFits ? std::optional(value) : std::nullopt;
}

// Digit strings of one length; of `subtract`, the first is not the smaller one.
std::string add(const std::string& a, const std::string& b) {
  std::string sum(a.size() + 1, '0');
  int carry = 0;
  for (std::size_t i = a.size(); i-- > 0; carry /= 10) {
    carry += (a[i] - '0') + (b[i] - '0');
    sum[i + 1] = static_cast<char>('0' + carry % 10);
  }
  sum[0] = static_cast<char>('0' + carry);
  return sum;
}

std::string subtract(const std::string& a, const std::string& b) {
  std::string difference(a.size(), '0');
  int borrowed = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    const int digit = (a[i] - '0') - (b[i] - '0') - borrowed;
    borrowed = digit < 0;
    difference[i] = static_cast<char>('0' + digit + 10 * borrowed);
  }
  return difference;
}

std::string written(bool negative, std::string digits, std::size_t fraction) {
  const bool zero = digits.find_first_not_of('0') == std::string::npos;
  if (fraction > 0) digits.insert(digits.size() - fraction, 1, '.');
  const std::size_t point = std::min(digits.find('.'), digits.size());
  digits.erase(0, std::min(digits.find_first_not_of('0'), point - 1));
  return (negative && !zero ? "-" : "") + digits;
}

}  // namespace

std::string decimal_sum(std::string_view a, std::string_view b) {
  const auto small_a = small_integer(a), small_b = small_integer(b);
  if (small_a && small_b) return std::to_string(*small_a + *small_b);

  const Parts x = parts_of(a), y = parts_of(b);
  const std::size_t whole = std::max(x.whole.size(), y.whole.size());
  const std::size_t fraction = std::max(x.fraction.size(), y.fraction.size());
  const std::string p = aligned(x, whole, fraction), q = aligned(y, whole, fraction);
  if (x.negative == y.negative) return written(x.negative, add(p, q), fraction);
  return p >= q ? written(x.negative, subtract(p, q), fraction)
                : written(y.negative, subtract(q, p), fraction);
}

std::strong_ordering compare_decimals(std::string_view a, std::string_view b) {
  const Parts x = parts_of(a), y = parts_of(b);
  const std::size_t whole = std::max(x.whole.size(), y.whole.size());
  const std::size_t fraction = std::max(x.fraction.size(), y.fraction.size());
  const std::string p = aligned(x, whole, fraction), q = aligned(y, whole, fraction);
  const auto is_zero = [](const std::string& digits) {
    return digits.find_first_not_of('0') == std::string::npos;
  };
  const bool a_below = x.negative && !is_zero(p), b_below = y.negative && !is_zero(q);
  if (a_below != b_below) return a_below ? std::strong_ordering::less : std::strong_ordering::greater;
  return a_below ? q <=> p : p <=> q;
}

}  // namespace skald::store
