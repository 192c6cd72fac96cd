#include "sagas/yaml_reader.hpp"

#include <algorithm>

#include "sagas/suggestion.hpp"

namespace skald::sagas {

YamlReader::YamlReader(const Yaml& node, std::string what, FaultList& faults)
    : node_(node), what_(std::move(what)), faults_(faults) {
  if (!is_map()) expected(what_ + " (a map)", node_, faults_);
}

void YamlReader::know(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
}

std::optional<Yaml> YamlReader::any(std::string_view key) {
  know(key);
  return node_.find(key);
}

std::optional<Yaml> YamlReader::list(std::string_view key) {
  auto value = any(key);
  if (!value || value->is(Yaml::Kind::List)) return value;
  expected("a list", *value, faults_);
  return std::nullopt;
}

std::optional<Yaml> YamlReader::map(std::string_view key) {
  auto value = any(key);
  if (!value || value->is(Yaml::Kind::Map)) return value;
  expected("a map", *value, faults_);
  return std::nullopt;
}

std::optional<std::string> YamlReader::text(std::string_view key) {
  const auto value = any(key);
  return value ? read_text(*value, faults_) : std::nullopt;
}

std::optional<bool> YamlReader::boolean(std::string_view key) {
  const auto value = any(key);
  return value ? read_boolean(*value, faults_) : std::nullopt;
}

std::optional<double> YamlReader::number(std::string_view key, NumberRange range) {
  const auto value = any(key);
  return value ? read_number(*value, range, faults_) : std::nullopt;
}

std::optional<std::int64_t> YamlReader::integer(std::string_view key, IntegerRange range) {
  const auto value = any(key);
  return value ? read_integer(*value, range, faults_) : std::nullopt;
}

std::optional<Duration> YamlReader::duration(std::string_view key) {
  const auto value = any(key);
  return value ? read_duration(*value, faults_) : std::nullopt;
}

void YamlReader::require(std::string_view key) {
  know(key);
  if (is_map() && !node_.find(key))
    faults_.error(node_.place(), what_ + " needs '" + std::string(key) + "'", "add it");
}

void YamlReader::refuse(std::string_view key, const std::string& message, const std::string& remedy) {
  if (!node_.find(key)) return;
  know(key);
  faults_.error(node_.key_place(key), message, remedy);
}

void YamlReader::finish() {
  for (const Yaml::Member& member : node_.members()) {
    if (std::find(known_.begin(), known_.end(), member.key) != known_.end()) continue;
    faults_.error(member.key_place, "unknown key '" + member.key + "' in " + what_,
                  suggestion(member.key, known_));
  }
}

}  // namespace skald::sagas
