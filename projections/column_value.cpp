#include "projections/column_value.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "engine/base/check.hpp"

namespace skald::views {
namespace {

using store::Cell;
using store::ColumnType;

// PostgreSQL's numeric bears more, but a number like this is a mistake or an attack: 1e-9999999 would
// otherwise be ten million digits long.
constexpr std::int64_t kMostDigits = 1'000;

Error misfit(const Json& value, std::string_view type) {
  constexpr std::size_t kMostShown = 80;
  std::string shown = value.dump();
  if (shown.size() > kMostShown) shown.resize(kMostShown);
  // What was cut in the middle of a character must not spoil the sentence.
  while (!shown.empty() && static_cast<unsigned char>(shown.back()) >= 0x80) shown.pop_back();
  return invalid(shown + (shown.size() == kMostShown ? "…" : "") + " does not fit a column of type " +
                 std::string(type));
}

std::size_t count_digits(std::string_view text) {
  const auto other = std::find_if(text.begin(), text.end(), [](char c) { return c < '0' || c > '9'; });
  return static_cast<std::size_t>(other - text.begin());
}

// ± digits × 10^exponent, the digits as written.
struct Scientific {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;
};

// As JSON writes numbers; leading zeros will do, since texts may have them.
std::optional<Scientific> scan_number(std::string_view text) {
  Scientific number;
  number.negative = text.starts_with('-');
  if (number.negative) text.remove_prefix(1);
  const std::size_t whole = count_digits(text);
  number.digits = text.substr(0, whole);
  text.remove_prefix(whole);
  if (whole > 0 && text.starts_with('.')) {
    const std::size_t fraction = count_digits(text.substr(1));
    if (fraction == 0) return std::nullopt;
    number.digits += text.substr(1, fraction);
    number.exponent = -static_cast<std::int64_t>(fraction);
    text.remove_prefix(1 + fraction);
  }
  if (whole > 0 && !text.empty() && (text[0] == 'e' || text[0] == 'E')) {
    const bool plus = text.size() > 1 && text[1] == '+';
    text.remove_prefix(plus ? 2 : 1);
    if (plus && text.starts_with('-')) return std::nullopt;
    std::int64_t exponent = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (fault != std::errc{} || exponent > 10 * kMostDigits || exponent < -10 * kMostDigits)
      return std::nullopt;
    number.exponent += exponent;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  return whole > 0 && text.empty() ? std::optional(std::move(number)) : std::nullopt;
}

// "-12.50": without exponent, with as many decimals as were written, as PostgreSQL's numeric keeps it.
std::optional<std::string> plain_decimal(std::string_view text) {
  const auto number = scan_number(text);
  if (!number) return std::nullopt;
  std::string digits = number->digits;
  const bool zero = digits.find_first_not_of('0') == std::string::npos;
  const std::int64_t decimals = std::max<std::int64_t>(0, -number->exponent);
  if (decimals > kMostDigits) return std::nullopt;
  if (number->exponent > 0 && !zero) digits.append(static_cast<std::size_t>(number->exponent), '0');
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  const auto fraction = static_cast<std::size_t>(decimals);
  if (digits.size() <= fraction) digits.insert(0, fraction + 1 - digits.size(), '0');
  if (digits.size() > static_cast<std::size_t>(kMostDigits) + fraction) return std::nullopt;
  if (fraction > 0) digits.insert(digits.size() - fraction, 1, '.');
  return (number->negative && !zero ? "-" : "") + digits;
}

std::string without_idle_zeros(std::string decimal) {
  if (decimal.find('.') == std::string::npos) return decimal;
  decimal.erase(decimal.find_last_not_of('0') + 1);
  if (decimal.ends_with('.')) decimal.pop_back();
  return decimal;
}

std::optional<std::string> number_of(const Json& value) {
  if (value.is_number()) return plain_decimal(value.number_text());
  return value.is_string() ? plain_decimal(value.as_string()) : std::nullopt;
}

std::optional<std::string> integer_of(const Json& value, std::int64_t lowest, std::int64_t highest) {
  const auto decimal = number_of(value);
  if (!decimal) return std::nullopt;
  std::string text = without_idle_zeros(*decimal);
  std::int64_t integer = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), integer);
  const bool whole = fault == std::errc{} && end == text.data() + text.size();
  return whole && integer >= lowest && integer <= highest ? std::optional(std::to_string(integer))
                                                          : std::nullopt;
}

template <class Integer>
std::optional<std::string> integer_of(const Json& value) {
  return integer_of(value, std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max());
}

std::optional<std::string> text_of(const Json& value) {
  if (value.is_string()) return value.as_string();
  return value.is_array() || value.is_object() ? std::nullopt : std::optional(value.dump());
}

std::optional<std::string> boolean_of(const Json& value) {
  if (value.is_boolean()) return value.as_boolean() ? "true" : "false";
  const bool fits = value.is_string() && (value.as_string() == "true" || value.as_string() == "false");
  return fits ? std::optional(value.as_string()) : std::nullopt;
}

// PostgreSQL knows no year 0, and we none beyond 9999; an offset may lead to either.
std::optional<std::string> time_of(const Json& value) {
  const auto time = value.is_string() ? parse_rfc3339(value.as_string()) : invalid("no text");
  if (!time) return std::nullopt;
  std::string text = to_rfc3339(*time);
  return parse_rfc3339(text) && !text.starts_with("0000") ? std::optional(std::move(text)) : std::nullopt;
}

std::optional<std::string> uuid_of(const Json& value) {
  const auto id = value.is_string() ? parse_saga_id(value.as_string()) : invalid("no text");
  return id ? std::optional(to_text(*id)) : std::nullopt;
}

// jsonb keeps its numbers as numeric.
bool fits_jsonb(const Json& value) {
  if (value.is_number()) return plain_decimal(value.number_text()).has_value();
  if (value.is_array()) return std::all_of(value.as_array().begin(), value.as_array().end(), fits_jsonb);
  if (!value.is_object()) return true;
  return std::all_of(value.as_object().begin(), value.as_object().end(),
                     [](const Json::Member& member) { return fits_jsonb(member.value); });
}

std::optional<std::string> typed(const store::ViewColumn& column, const Json& value) {
  switch (column.type) {
    case ColumnType::Text: return text_of(value);
    case ColumnType::Integer: return integer_of<std::int32_t>(value);
    case ColumnType::Bigint: return integer_of<std::int64_t>(value);
    case ColumnType::Numeric: return number_of(value);
    case ColumnType::Boolean: return boolean_of(value);
    case ColumnType::Timestamptz: return time_of(value);
    case ColumnType::Uuid: return uuid_of(value);
    case ColumnType::Jsonb: return fits_jsonb(value) ? std::optional(value.dump()) : std::nullopt;
  }
  check_failed("type", __FILE__, __LINE__, "every type has its values");
}

}  // namespace

Result<Cell> column_value(const store::ViewColumn& column, const Json& value) {
  if (value.is_null()) return Cell();
  auto text = typed(column, value);
  if (!text) return misfit(value, to_text(column.type));
  // Of 1.0 and 1.00 neither is the greater one: which of them stays must not depend on who came first.
  const bool ranked = column.merge == store::Merge::Max || column.merge == store::Merge::Min;
  if (ranked && column.type == ColumnType::Numeric) text = without_idle_zeros(std::move(*text));
  return text;
}

std::string_view to_text(ColumnType type) {
  switch (type) {
    case ColumnType::Text: return "text";
    case ColumnType::Integer: return "integer";
    case ColumnType::Bigint: return "bigint";
    case ColumnType::Numeric: return "numeric";
    case ColumnType::Boolean: return "boolean";
    case ColumnType::Timestamptz: return "timestamptz";
    case ColumnType::Uuid: return "uuid";
    case ColumnType::Jsonb: return "jsonb";
  }
  check_failed("type", __FILE__, __LINE__, "every type has its name");
}

}  // namespace skald::views
