#include "engine/core/expression/arithmetic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/expression/order.hpp"
#include "engine/core/expression/search.hpp"
#include "engine/core/expression/utf8.hpp"

namespace skald::core {
namespace {

Error mismatch(const Json& a, const Json& b, std::string_view what) {
  return invalid(std::string(kind_name(a)) + " and " + std::string(kind_name(b)) + " cannot be " +
                 std::string(what));
}

// JSON has neither infinity nor NaN: a value that changes when it is stored must not be computed with.
Result<Json> finite(double value) {
  if (!std::isfinite(value)) return invalid("the result is too large for a number");
  return Json(value);
}

bool both(bool (Json::*is)() const, const Json& a, const Json& b) {
  return (a.*is)() && (b.*is)();
}

// The members of `a`, their values replaced by those of `b` where both have the key, then the others of `b`.
template <class Combine>
Json merged(const Json& a, const Json& b, Combine combine) {
  Json::Object result;
  for (const auto& [key, value] : a.as_object()) {
    const Json* other = b.find(key);
    result.append(key, other ? combine(value, *other) : value);
  }
  for (const auto& [key, value] : b.as_object())
    if (!a.find(key)) result.append(key, value);
  return result;
}

Result<Json> add(const Json& a, const Json& b, Meter& meter) {
  if (a.is_null()) return b;
  if (b.is_null()) return a;
  if (both(&Json::is_number, a, b)) return finite(a.as_number() + b.as_number());
  if (both(&Json::is_string, a, b)) {
    if (!meter.allow_bytes(a.as_string().size() + b.as_string().size())) return meter.error();
    return Json(a.as_string() + b.as_string());
  }
  if (both(&Json::is_array, a, b)) {
    Json::Array items = a.as_array();
    items.insert(items.end(), b.as_array().begin(), b.as_array().end());
    return Json(std::move(items));
  }
  if (both(&Json::is_object, a, b))
    return merged(a, b, [](const Json&, const Json& replacement) { return replacement; });
  return mismatch(a, b, "added");
}

Result<Json> subtract(const Json& a, const Json& b, Meter& meter) {
  if (both(&Json::is_number, a, b)) return finite(a.as_number() - b.as_number());
  if (!both(&Json::is_array, a, b)) return mismatch(a, b, "subtracted");
  Json::Array left;
  for (const Json& item : a.as_array()) {
    const auto equals_item = [&](const Json& other) { return compare(item, other, meter) == 0; };
    if (std::none_of(b.as_array().begin(), b.as_array().end(), equals_item)) left.push_back(item);
  }
  return Json(std::move(left));
}

Json deep_merge(const Json& a, const Json& b) {
  return merged(a, b, [](const Json& old_value, const Json& new_value) {
    return both(&Json::is_object, old_value, new_value) ? deep_merge(old_value, new_value) : new_value;
  });
}

// jq's rule: once for a factor up to 1, and null for none at all.
Result<Json> repeat(const std::string& text, double times, Meter& meter) {
  if (times <= 0) return Json(nullptr);
  const double count = std::max(1.0, std::floor(times));
  if (count * static_cast<double>(text.size() + 1) >
          static_cast<double>(std::numeric_limits<std::uint32_t>::max()) ||
      !meter.allow_bytes(static_cast<std::size_t>(count) * text.size())) {
    meter.allow_bytes(std::numeric_limits<std::size_t>::max());
    return meter.error();
  }
  std::string result;
  result.reserve(static_cast<std::size_t>(count) * text.size());
  for (double i = 0; i < count; ++i) result += text;
  return Json(std::move(result));
}

Result<Json> multiply(const Json& a, const Json& b, Meter& meter) {
  if (both(&Json::is_number, a, b)) return finite(a.as_number() * b.as_number());
  if (a.is_string() && b.is_number()) return repeat(a.as_string(), b.as_number(), meter);
  if (a.is_number() && b.is_string()) return repeat(b.as_string(), a.as_number(), meter);
  if (both(&Json::is_object, a, b)) return deep_merge(a, b);
  return mismatch(a, b, "multiplied");
}

Result<Json> divide(const Json& a, const Json& b, Meter& meter) {
  if (both(&Json::is_string, a, b)) return split(a.as_string(), b.as_string(), meter);
  if (!both(&Json::is_number, a, b)) return mismatch(a, b, "divided");
  if (b.as_number() == 0) return invalid("division by zero");
  return finite(a.as_number() / b.as_number());
}

// Cut towards zero; what lies beyond 64 bits becomes the nearest that fits.
std::int64_t integer_part(double value) {
  constexpr double kEnd = 9223372036854775808.0;  // 2^63
  if (value >= kEnd) return std::numeric_limits<std::int64_t>::max();
  if (value <= -kEnd) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(value);
}

Result<Json> modulo(const Json& a, const Json& b) {
  if (!both(&Json::is_number, a, b)) return mismatch(a, b, "divided");
  const auto divisor = integer_part(b.as_number());
  if (divisor == 0) return invalid("remainder of a division by zero");
  // The one quotient that does not fit in 64 bits leaves no remainder.
  if (divisor == -1) return Json(0.0);
  return Json(static_cast<double>(integer_part(a.as_number()) % divisor));
}

}  // namespace

Result<Json> apply(BinaryOperator operation, const Json& a, const Json& b, Meter& meter) {
  switch (operation) {
    case BinaryOperator::Add: return add(a, b, meter);
    case BinaryOperator::Subtract: return subtract(a, b, meter);
    case BinaryOperator::Multiply: return multiply(a, b, meter);
    case BinaryOperator::Divide: return divide(a, b, meter);
    case BinaryOperator::Modulo: return modulo(a, b);
    case BinaryOperator::Equal: return Json(compare(a, b, meter) == 0);
    case BinaryOperator::NotEqual: return Json(compare(a, b, meter) != 0);
    case BinaryOperator::Less: return Json(compare(a, b, meter) < 0);
    case BinaryOperator::LessOrEqual: return Json(compare(a, b, meter) <= 0);
    case BinaryOperator::Greater: return Json(compare(a, b, meter) > 0);
    case BinaryOperator::GreaterOrEqual: return Json(compare(a, b, meter) >= 0);
  }
  return unexpected("an operation that nobody knows");
}

Result<Json> split(const std::string& text, const std::string& separator, Meter& meter) {
  // Each piece is a value of its own, so many small ones weigh more than the text.
  if (!meter.spend(text.size())) return meter.error();
  Json::Array pieces;
  if (separator.empty()) {
    for (const auto code_point : code_points(text)) pieces.emplace_back(code_point);
    return Json(std::move(pieces));
  }
  if (text.empty()) return Json(std::move(pieces));
  std::string_view rest = text;
  for (std::size_t at = find_text(rest, separator); at != std::string_view::npos;
       at = find_text(rest, separator)) {
    pieces.emplace_back(rest.substr(0, at));
    rest.remove_prefix(at + separator.size());
  }
  pieces.emplace_back(rest);
  return Json(std::move(pieces));
}

}  // namespace skald::core
