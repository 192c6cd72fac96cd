#include "sagas/yaml_scalar.hpp"
#include "sagas/ascii.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace skald::sagas {
namespace {

std::string_view take_digits(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  const std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

// The parts of [-+]? ( \.[0-9]+ | [0-9]+ (\.[0-9]*)? ) ([eE][-+]?[0-9]+)?
struct Decimal {
  bool negative = false;
  std::string_view whole, fraction, exponent;
};

std::optional<Decimal> read_decimal(std::string_view text) {
  Decimal decimal;
  if (text.starts_with('-') || text.starts_with('+')) {
    decimal.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  decimal.whole = take_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    decimal.fraction = take_digits(text);
  }
  if (decimal.whole.empty() && decimal.fraction.empty()) return std::nullopt;
  if (text.starts_with('e') || text.starts_with('E')) {
    decimal.exponent = text.substr(1);
    std::string_view digits = decimal.exponent;
    if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
    if (take_digits(digits).empty() || !digits.empty()) return std::nullopt;
    text = {};
  }
  if (!text.empty()) return std::nullopt;
  return decimal;
}

// JSON knows no leading zeros, no "+5", ".5" or "5.".
std::string json_text(const Decimal& decimal) {
  std::string_view whole = decimal.whole;
  while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
  std::string text = decimal.negative ? "-" : "";
  text += whole.empty() ? "0" : whole;
  if (!decimal.fraction.empty()) text.append(".").append(decimal.fraction);
  if (!decimal.exponent.empty()) text.append("e").append(decimal.exponent);
  return text;
}

ResolvedScalar whole_number(std::string_view digits, int base) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (read.ec != std::errc{}) return {{}, "a number too big to keep"};
  return {Json(value), {}};
}

bool all_of(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_infinity_or_nan(std::string_view text) {
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text == ".inf" || text == ".Inf" || text == ".INF";
}

}  // namespace

ResolvedScalar resolve_plain_scalar(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return {true, {}};
  if (text == "false" || text == "False" || text == "FALSE") return {false, {}};
  if (is_infinity_or_nan(text)) return {{}, "a number that JSON does not have"};
  if (text.starts_with("0x") && all_of(text.substr(2), "0123456789abcdefABCDEF"))
    return whole_number(text.substr(2), 16);
  if (text.starts_with("0o") && all_of(text.substr(2), "01234567")) return whole_number(text.substr(2), 8);

  const auto decimal = read_decimal(text);
  if (!decimal) return {text, {}};
  const std::string number = json_text(*decimal);
  if (std::isinf(std::strtod(number.c_str(), nullptr))) return {{}, "a number too big to keep"};
  return {Json::number_from_text(number), {}, decimal->whole.size() > 1 && decimal->whole.front() == '0'};
}

}  // namespace skald::sagas
