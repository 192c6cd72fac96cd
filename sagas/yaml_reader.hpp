// YamlReader: reads one map declaratively. Each call asks for a key and so makes it known; finish() reports
// the keys nobody asked for. What does not fit is a fault that says what was expected and what was found, and
// the call returns nothing. Every loader of the language reads through it; yaml_value.hpp reads single
// values.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sagas/yaml.hpp"
#include "sagas/yaml_value.hpp"

namespace skald::sagas {

class YamlReader {
 public:
  // `what` names the map in messages: "a step". A node that is no map is a fault, and then every call returns
  // nothing without a further one.
  YamlReader(const Yaml& node, std::string what, FaultList& faults);

  bool is_map() const { return node_.is(Yaml::Kind::Map); }
  const Yaml& node() const { return node_; }
  FaultList& faults() { return faults_; }

  std::optional<Yaml> any(std::string_view key);
  std::optional<Yaml> list(std::string_view key);
  std::optional<Yaml> map(std::string_view key);
  std::optional<std::string> text(std::string_view key);
  std::optional<bool> boolean(std::string_view key);
  std::optional<double> number(std::string_view key, NumberRange range);
  std::optional<std::int64_t> integer(std::string_view key, IntegerRange range);
  std::optional<Duration> duration(std::string_view key);  // longer than nothing

  template <class T>
  std::optional<T> one_of(std::string_view key, const std::vector<std::pair<std::string, T>>& words) {
    const auto value = any(key);
    return value ? read_word(*value, words, faults_) : std::nullopt;
  }

  // A fault where the key is missing. Reading it is another call.
  void require(std::string_view key);
  // A key that stands here is a fault with this reason instead of an unknown word.
  void refuse(std::string_view key, const std::string& message, const std::string& remedy = {});
  // Faults for all keys that nobody asked for.
  void finish();

 private:
  void know(std::string_view key);

  Yaml node_;
  std::string what_;
  FaultList& faults_;
  std::vector<std::string> known_;
};

}  // namespace skald::sagas
