#include "sagas/yaml_value.hpp"

#include <algorithm>
#include <cmath>

#include "sagas/did_you_mean.hpp"

namespace skald::sagas {
namespace {

std::string between(const std::string& lowest, const std::string& highest) {
  return " from " + lowest + " to " + highest;
}

}  // namespace

void expected(const std::string& what, const Yaml& found, FaultList& faults, const std::string& remedy) {
  faults.error(found.place(), "expected " + what + ", found " + found.described(), remedy);
}

std::optional<std::string> read_text(const Yaml& value, FaultList& faults) {
  if (value.is(Yaml::Kind::Text) && !value.text().empty()) return value.text();
  if (value.is(Yaml::Kind::Number) || value.is(Yaml::Kind::Boolean))
    expected("a text", value, faults, "quote it: \"" + value.text() + '"');
  else
    expected("a text", value, faults);
  return std::nullopt;
}

std::optional<bool> read_boolean(const Yaml& value, FaultList& faults) {
  if (value.is(Yaml::Kind::Boolean)) return value.scalar().as_boolean();
  expected("true or false", value, faults);
  return std::nullopt;
}

std::optional<double> read_number(const Yaml& value, NumberRange range, FaultList& faults) {
  if (value.is(Yaml::Kind::Number)) {
    const double number = value.scalar().as_number();
    if (number >= range.lowest && number <= range.highest) return number;
  }
  expected("a number" + between(Json(range.lowest).number_text(), Json(range.highest).number_text()), value,
           faults);
  return std::nullopt;
}

std::optional<std::int64_t> read_integer(const Yaml& value, IntegerRange range, FaultList& faults) {
  if (value.is(Yaml::Kind::Number)) {
    const auto number = value.scalar().as_integer();
    if (number && *number >= range.lowest && *number <= range.highest) return number;
  }
  expected("a whole number" + between(std::to_string(range.lowest), std::to_string(range.highest)), value,
           faults);
  return std::nullopt;
}

std::optional<Duration> read_duration(const Yaml& value, FaultList& faults) {
  if (value.is(Yaml::Kind::Text)) {
    const auto duration = parse_duration(value.text());
    if (duration && duration->count() > 0) return *duration;
    if (duration) {
      expected("a duration longer than nothing", value, faults);
      return std::nullopt;
    }
  }
  const bool lacks_unit = value.is(Yaml::Kind::Number);
  expected("a duration like 5s", value, faults, lacks_unit ? "add a unit: ms, s, m, h or d" : "");
  return std::nullopt;
}

std::optional<std::size_t> read_choice(const Yaml& value, const std::vector<std::string>& words,
                                       FaultList& faults) {
  const auto word = std::find(words.begin(), words.end(), value.is(Yaml::Kind::Text) ? value.text() : "");
  if (word != words.end()) return static_cast<std::size_t>(word - words.begin());
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i)
    list += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  std::string meant;
  if (value.is(Yaml::Kind::Text)) meant = did_you_mean(value.text(), {words.begin(), words.end()});
  expected(list, value, faults, meant.empty() ? "" : meant.substr(2));
  return std::nullopt;
}

}  // namespace skald::sagas
