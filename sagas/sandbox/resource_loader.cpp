#include "sagas/sandbox/resource_loader.hpp"

#include <algorithm>

#include "sagas/yaml_reader.hpp"

namespace skald::sandbox {

using sagas::FaultList;
using sagas::Yaml;
using sagas::YamlReader;

namespace {

constexpr std::string_view kOptional = "optional ";

const std::vector<std::pair<std::string, FieldType>> kFieldTypes = {
    {"text", FieldType::Text},       {"integer", FieldType::Integer}, {"number", FieldType::Number},
    {"boolean", FieldType::Boolean}, {"time", FieldType::Time},       {"json", FieldType::Json}};

void load_field(const Yaml::Member& entry, Resource& resource, FaultList& faults) {
  if (!is_name(entry.key)) return faults.error(entry.key_place, "'" + entry.key + "' is no name for a field");
  if (entry.key == kStatus)
    return faults.error(entry.key_place, "'status' is there by itself: it is the state");
  const std::string word = entry.value.is(Yaml::Kind::Text) ? entry.value.text() : "";
  const bool optional = word.starts_with(kOptional);
  const std::string type = optional ? word.substr(kOptional.size()) : word;
  const auto known =
      std::find_if(kFieldTypes.begin(), kFieldTypes.end(), [&](const auto& t) { return t.first == type; });
  if (known == kFieldTypes.end())
    return expected("a type", entry.value, faults,
                    "it can be text, integer, number, boolean, time or json, with `optional` before it where "
                    "it may be null");
  resource.fields.push_back({entry.key, known->second, optional});
}

void load_fields(YamlReader& reader, Resource& resource) {
  const auto fields = reader.map("fields");
  if (!fields) return;
  for (const Yaml::Member& entry : fields->members()) load_field(entry, resource, reader.faults());
  const Field* key = resource.find_field(resource.key);
  if (!key || key->type != FieldType::Text || key->optional)
    reader.faults().error(
        reader.node().key_place("fields"),
        "the key of " + resource.name + " must be a field of type text: '" + resource.key + "'",
        "declare the field, or name another one with `key`");
}

void load_states(YamlReader& reader, Resource& resource) {
  const auto states = reader.map("states");
  if (!states) return;
  if (states->size() == 0) return expected("at least one state", *states, reader.faults());
  for (const Yaml::Member& entry : states->members()) {
    State& state = resource.states.emplace_back(State{entry.key, {}});
    if (!entry.value.is(Yaml::Kind::List))
      expected("a list of the next states", entry.value, reader.faults());
    for (const Yaml& next : entry.value.items())
      if (const auto name = read_text(next, reader.faults())) state.next.push_back(*name);
  }
  for (const Yaml::Member& entry : states->members())
    for (const Yaml& next : entry.value.items())
      if (!resource.find_state(next.text()))
        reader.faults().error(next.place(), "there is no state '" + next.text() + "'");
}

}  // namespace

std::optional<Resource> load_resource(const Yaml::Member& entry, FaultList& faults) {
  if (!is_name(entry.key)) {
    faults.error(entry.key_place, "'" + entry.key + "' is no name for a resource",
                 "use letters, digits and underscores");
    return std::nullopt;
  }
  YamlReader reader(entry.value, "a resource", faults);
  Resource resource;
  resource.name = entry.key;
  resource.key = reader.text("key").value_or("id");
  reader.require("fields");
  load_fields(reader, resource);
  reader.require("states");
  load_states(reader, resource);
  resource.fields.push_back({kStatus, FieldType::Text, false});
  reader.finish();
  return resource;
}

bool is_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto inner = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && letter(text.front()) && std::all_of(text.begin(), text.end(), inner);
}

}  // namespace skald::sandbox
