// skald.yaml: a map from keys to scalars.
#include <fstream>
#include <iterator>

#include "api/config.hpp"
#include "sagas/suggestion.hpp"
#include "sagas/yaml.hpp"

namespace skald::api {
namespace {

const ConfigKey* find_key(std::string_view member) {
  for (const auto& key : config_keys())
    if (member_of(key) == member) return &key;
  return nullptr;
}

void unknown_key(const sagas::Yaml::Member& member, sagas::FaultList& faults) {
  std::vector<std::string> known;
  for (const auto& key : config_keys()) known.push_back(member_of(key));
  faults.error(member.key_place, "unknown key '" + member.key + "'", sagas::suggestion(member.key, known));
}

bool is_scalar(const sagas::Yaml& value) {
  return value.is(sagas::Yaml::Kind::Boolean) || value.is(sagas::Yaml::Kind::Number) ||
         value.is(sagas::Yaml::Kind::Text);
}

GivenValues read_members(const sagas::Yaml& document, const std::string& path, sagas::FaultList& faults) {
  GivenValues values;
  if (!document.is(sagas::Yaml::Kind::Map) && !document.is(sagas::Yaml::Kind::Null))
    faults.error(document.place(), "expected a map of settings, found " + document.described());
  for (const auto& member : document.members()) {
    const ConfigKey* key = find_key(member.key);
    if (!key)
      unknown_key(member, faults);
    else if (!is_scalar(member.value))
      faults.error(member.value.place(),
                   member.key + ": expected a value, found " + member.value.described());
    else
      values[std::string(key->name)] = {member.value.text(),
                                        path + ":" + std::to_string(member.key_place.line)};
  }
  return values;
}

}  // namespace

GivenValues read_config_file(const std::string& path, std::vector<std::string>& faults) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    faults.push_back("the configuration file " + path + " cannot be read");
    return {};
  }
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  sagas::FaultList found(path);
  const auto document = sagas::Yaml::parse(text, found);
  GivenValues values;
  if (document) values = read_members(*document, path, found);
  for (const auto& fault : found.take()) faults.push_back(sagas::to_text(fault));
  return values;
}

}  // namespace skald::api
