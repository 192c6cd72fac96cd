// Reads one value of an expected kind. Nothing comes back where it does not fit, and the fault says what was
// expected and what was found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/time.hpp"
#include "sagas/yaml.hpp"

namespace skald::sagas {

// Both ends belong to the range.
struct NumberRange {
  double lowest;
  double highest;
};
struct IntegerRange {
  std::int64_t lowest;
  std::int64_t highest;
};

std::optional<std::string> read_text(const Yaml& value, FaultList& faults);  // not empty
std::optional<bool> read_boolean(const Yaml& value, FaultList& faults);
std::optional<double> read_number(const Yaml& value, NumberRange range, FaultList& faults);
std::optional<std::int64_t> read_integer(const Yaml& value, IntegerRange range, FaultList& faults);
std::optional<Duration> read_duration(const Yaml& value, FaultList& faults);  // longer than nothing
// The position of the text among the words.
std::optional<std::size_t> read_choice(const Yaml& value, const std::vector<std::string>& words,
                                       FaultList& faults);

template <class T>
std::optional<T> read_word(const Yaml& value, const std::vector<std::pair<std::string, T>>& words,
                           FaultList& faults) {
  std::vector<std::string> texts;
  for (const auto& [text, meaning] : words) texts.push_back(text);
  const auto choice = read_choice(value, texts, faults);
  if (!choice) return std::nullopt;
  return words[*choice].second;
}

// "expected a list, found the number 5".
void expected(const std::string& what, const Yaml& found, FaultList& faults, const std::string& remedy = {});

}  // namespace skald::sagas
