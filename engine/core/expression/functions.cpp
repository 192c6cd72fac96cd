#include "engine/core/expression/functions.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/expression/arithmetic.hpp"
#include "engine/core/expression/number.hpp"
#include "engine/core/expression/order.hpp"
#include "engine/core/expression/search.hpp"
#include "engine/core/expression/utf8.hpp"

namespace skald::core {
namespace {

// "null has no keys"
Error unfit(const Json& input, std::string_view what) {
  return invalid(std::string(kind_name(input)) + " " + std::string(what));
}

Result<Json> length(const Json& input) {
  switch (input.kind()) {
    case Json::Kind::Null: return Json(0);
    case Json::Kind::Boolean: return unfit(input, "has no length");
    case Json::Kind::Number: return Json(std::fabs(input.as_number()));
    case Json::Kind::String: return Json(std::uint64_t{code_point_count(input.as_string())});
    case Json::Kind::Array: return Json(std::uint64_t{input.as_array().size()});
    case Json::Kind::Object: return Json(std::uint64_t{input.as_object().size()});
  }
  return unexpected("a kind of value that nobody knows");
}

Result<Json> keys(const Json& input) {
  Json::Array result;
  if (input.is_array()) {
    for (std::size_t i = 0; i < input.as_array().size(); ++i) result.emplace_back(std::uint64_t{i});
    return Json(std::move(result));
  }
  if (!input.is_object()) return unfit(input, "has no keys");
  std::vector<std::string> names;
  for (const auto& member : input.as_object()) names.push_back(member.key);
  std::sort(names.begin(), names.end());
  for (auto& name : names) result.emplace_back(std::move(name));
  return Json(std::move(result));
}

// Letters of other alphabets than ASCII stay as they are.
Result<Json> with_case(const Json& input, char first, char last, std::string_view name) {
  if (!input.is_string())
    return invalid(std::string(name) + " takes a string, not " + std::string(kind_name(input)));
  std::string text = input.as_string();
  for (char& c : text)
    if (c >= first && c <= last) c = static_cast<char>(c ^ 0x20);
  return Json(std::move(text));
}

Result<Json> to_json(const Json& input, Meter& meter) {
  if (!meter.allow(input)) return meter.error();
  return Json(input.dump());
}

Result<Json> from_json(const Json& input, Meter& meter) {
  if (!input.is_string()) return unfit(input, "is no string that could hold JSON");
  if (!meter.spend(input.as_string().size())) return meter.error();
  auto parsed = parse_json(input.as_string());
  // The parser's message would quote the text.
  if (!parsed) return invalid("this string is not one JSON value");
  return std::move(*parsed);
}

Result<Json> to_number(const Json& input, Meter& meter) {
  if (input.is_number()) return input;
  if (!input.is_string()) return unfit(input, "cannot be made a number");
  if (!meter.spend_bytes(input.as_string().size())) return meter.error();
  auto number = read_number(input.as_string());
  if (!number) return invalid("this string is not a number");
  return std::move(*number);
}

// Null if there is none; else each of the items joined by +.
Result<Json> add_all(const Json& input, Meter& meter) {
  if (!input.is_array() && !input.is_object())
    return invalid("Cannot iterate over " + std::string(kind_name(input)));
  std::vector<const Json*> items;
  if (input.is_array())
    for (const Json& item : input.as_array()) items.push_back(&item);
  else
    for (const auto& member : input.as_object()) items.push_back(&member.value);
  Json sum;
  for (const Json* item : items) {
    auto next = apply(BinaryOperator::Add, sum, *item, meter);
    if (!next) return next;
    // Sums of texts and lists are copied at every item, which is what has to be paid for.
    if (!meter.allow(*next)) return meter.error();
    sum = std::move(*next);
  }
  return sum;
}

Result<Json> extreme(const Json& input, bool (*replaces)(int), Meter& meter) {
  if (!input.is_array()) return unfit(input, "is no array to choose from");
  const Json* best = nullptr;
  for (const Json& item : input.as_array())
    if (!best || replaces(compare(item, *best, meter))) best = &item;
  return best ? *best : Json();
}

Json::Array sorted(const Json::Array& items, Meter& meter) {
  Json::Array result = items;
  // When the meter runs out in the middle, every comparison says "not less" from there on. std::stable_sort
  // bears that (std::sort would not: it may run beyond the end), and the caller then drops the result.
  std::stable_sort(result.begin(), result.end(),
                   [&](const Json& a, const Json& b) { return compare(a, b, meter) < 0; });
  return result;
}

Result<Json> sort(const Json& input, Meter& meter) {
  if (!input.is_array()) return unfit(input, "cannot be sorted, as it is no array");
  return Json(sorted(input.as_array(), meter));
}

Result<Json> unique(const Json& input, Meter& meter) {
  if (!input.is_array()) return unfit(input, "cannot be sorted, as it is no array");
  Json::Array items = sorted(input.as_array(), meter);
  const auto end = std::unique(items.begin(), items.end(),
                               [&](const Json& a, const Json& b) { return compare(a, b, meter) == 0; });
  items.erase(end, items.end());
  return Json(std::move(items));
}

Result<Json> reverse(const Json& input) {
  if (input.is_null()) return Json(Json::Array{});
  if (input.is_array()) return Json(Json::Array(input.as_array().rbegin(), input.as_array().rend()));
  if (!input.is_string()) return unfit(input, "cannot be reversed");
  auto points = code_points(input.as_string());
  std::string text;
  for (auto point = points.rbegin(); point != points.rend(); ++point) text += *point;
  return Json(std::move(text));
}

Result<Json> has(const Json& input, const Json& key) {
  if (input.is_null()) return Json(false);
  if (input.is_object() && key.is_string()) return Json(input.find(key.as_string()) != nullptr);
  if (input.is_array() && key.is_number())
    return Json(key.as_number() >= 0 && key.as_number() < static_cast<double>(input.as_array().size()));
  return invalid("Cannot check whether " + std::string(kind_name(input)) + " has a key that is " +
                 std::string(kind_name(key)));
}

bool holds(const Json& whole, const Json& part, Meter& meter) {
  if (!meter.spend(1) || whole.kind() != part.kind()) return false;
  if (whole.is_object())
    return std::all_of(part.as_object().begin(), part.as_object().end(), [&](const Json::Member& member) {
      const Json* value = whole.find(member.key);
      return value && holds(*value, member.value, meter);
    });
  if (whole.is_array())
    return std::all_of(part.as_array().begin(), part.as_array().end(), [&](const Json& wanted) {
      return std::any_of(whole.as_array().begin(), whole.as_array().end(),
                         [&](const Json& item) { return holds(item, wanted, meter); });
    });
  if (whole.is_string())
    return meter.spend_bytes(whole.as_string().size()) &&
           find_text(whole.as_string(), part.as_string()) != std::string_view::npos;
  return compare(whole, part, meter) == 0;
}

Result<Json> contains(const Json& input, const Json& part, Meter& meter) {
  // true and false are two kinds to jq.
  const bool two_booleans =
      input.is_boolean() && part.is_boolean() && input.as_boolean() != part.as_boolean();
  if (input.kind() != part.kind() || two_booleans)
    return invalid(std::string(kind_name(input)) + " cannot be asked whether it contains " +
                   std::string(kind_name(part)));
  return Json(holds(input, part, meter));
}

enum class Side { Start, End };

bool is_at(Side side, const std::string& text, const std::string& part) {
  return side == Side::Start ? text.starts_with(part) : text.ends_with(part);
}

Result<Json> begins_or_ends(Side side, const Json& input, const Json& part) {
  if (!input.is_string() || !part.is_string())
    return invalid((side == Side::Start ? "startswith" : "endswith") + std::string(" takes strings, not ") +
                   std::string(kind_name(input.is_string() ? part : input)));
  return Json(is_at(side, input.as_string(), part.as_string()));
}

// What is no string, or lacks the part, stays as it is.
Result<Json> trim(Side side, const Json& input, const Json& part) {
  if (!input.is_string() || !part.is_string() || !is_at(side, input.as_string(), part.as_string()))
    return input;
  const std::string& text = input.as_string();
  const std::size_t left = text.size() - part.as_string().size();
  return Json(side == Side::Start ? text.substr(part.as_string().size()) : text.substr(0, left));
}

Result<Json> split_at(const Json& input, const Json& separator, Meter& meter) {
  if (!input.is_string() || !separator.is_string())
    return invalid("split takes strings, not " +
                   std::string(kind_name(input.is_string() ? separator : input)));
  return split(input.as_string(), separator.as_string(), meter);
}

// Null is joined as nothing, numbers and booleans as their text. The separator matters from the second item
// on.
Result<Json> join(const Json& input, const Json& separator, Meter& meter) {
  if (!input.is_array() && !input.is_object())
    return invalid("Cannot iterate over " + std::string(kind_name(input)));
  std::string text;
  bool first = true;
  const auto append = [&](const Json& item) -> std::string_view {
    if (!std::exchange(first, false)) {
      if (!separator.is_string() && !separator.is_null()) return kind_name(separator);
      if (separator.is_string()) text += separator.as_string();
    }
    if (item.is_array() || item.is_object()) return kind_name(item);
    if (item.is_string())
      text += item.as_string();
    else if (!item.is_null())
      text += item.dump();
    return {};
  };
  const auto append_within_budget = [&](const Json& item) -> Result<Json> {
    if (const auto misfit = append(item); !misfit.empty())
      return invalid("Cannot join " + std::string(misfit));
    if (!meter.spend(1) || !meter.allow_bytes(text.size())) return meter.error();
    return Json();
  };
  if (input.is_array()) {
    for (const Json& item : input.as_array())
      if (auto done = append_within_budget(item); !done) return done;
  } else {
    for (const auto& member : input.as_object())
      if (auto done = append_within_budget(member.value); !done) return done;
  }
  return Json(std::move(text));
}

}  // namespace

Result<Json> call_function(Function function, const Json& input, const Json* argument, Meter& meter) {
  switch (function) {
    case Function::Length: return length(input);
    case Function::Keys: return keys(input);
    case Function::AsciiDowncase: return with_case(input, 'A', 'Z', "ascii_downcase");
    case Function::AsciiUpcase: return with_case(input, 'a', 'z', "ascii_upcase");
    case Function::Floor:
      if (!input.is_number()) return unfit(input, "cannot be rounded, as it is no number");
      return Json(std::floor(input.as_number()));
    case Function::ToString: return input.is_string() ? Result<Json>(input) : to_json(input, meter);
    case Function::ToNumber: return to_number(input, meter);
    case Function::ToJson: return to_json(input, meter);
    case Function::FromJson: return from_json(input, meter);
    case Function::Type: return Json(kind_name(input));
    case Function::Not: return Json(!is_truthy(input));
    case Function::Add: return add_all(input, meter);
    case Function::Min:
      return extreme(
          input, [](int order) { return order < 0; }, meter);
    case Function::Max:
      return extreme(
          input, [](int order) { return order >= 0; }, meter);
    case Function::Sort: return sort(input, meter);
    case Function::Unique: return unique(input, meter);
    case Function::Reverse: return reverse(input);
    case Function::Has: return has(input, *argument);
    case Function::Contains: return contains(input, *argument, meter);
    case Function::StartsWith: return begins_or_ends(Side::Start, input, *argument);
    case Function::EndsWith: return begins_or_ends(Side::End, input, *argument);
    case Function::Split: return split_at(input, *argument, meter);
    case Function::Join: return join(input, *argument, meter);
    case Function::LeftTrimString: return trim(Side::Start, input, *argument);
    case Function::RightTrimString: return trim(Side::End, input, *argument);
  }
  return unexpected("a function that nobody knows");
}

}  // namespace skald::core
