#include "engine/core/expression/number.hpp"

#include <charconv>

namespace skald::core {

std::optional<Json> read_number(std::string_view text) {
  const auto is_other = [](char c) {
    return std::string_view("0123456789.eE+-").find(c) == std::string_view::npos;
  };
  // from_chars would also take "inf" and "nan", and the parser of JSON spaces around the number.
  for (const char c : text)
    if (is_other(c)) return std::nullopt;
  if (text == "-0") return Json(-0.0);  // which the parser of JSON reads as 0
  if (auto json = parse_json(text)) return std::move(*json);

  const bool has_plus = text.starts_with('+');
  if (has_plus) text.remove_prefix(1);
  if (has_plus && text.starts_with('-')) return std::nullopt;
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return Json(value);
}

}  // namespace skald::core
