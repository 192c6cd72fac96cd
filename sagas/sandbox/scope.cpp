#include "sagas/sandbox/scope.hpp"

#include "sagas/did_you_mean.hpp"

namespace skald::sandbox {

using sagas::FaultList;
using sagas::Yaml;

namespace {

void check_reference(const core::Reference& reference, const Scope& scope, sagas::Place place,
                     FaultList& faults) {
  const Scope* known = &scope;
  std::string path;
  for (const std::string& name : reference) {
    if (known->members.empty()) return;
    const auto member = known->members.find(name);
    if (member == known->members.end()) {
      std::vector<std::string_view> names;
      for (const auto& [other, below] : known->members) names.push_back(other);
      return faults.error(place,
                          "there is no '" + path + '.' + name + "' here" + sagas::did_you_mean(name, names));
    }
    known = &member->second;
    path += '.' + name;
  }
}

// Every text is looked at alone, so that a fault has its own place.
bool check_texts(const Yaml& value, const Scope& scope, FaultList& faults) {
  bool sound = true;
  for (const Yaml& item : value.items()) sound = check_texts(item, scope, faults) && sound;
  for (const Yaml::Member& member : value.members())
    sound = check_texts(member.value, scope, faults) && sound;
  if (!value.is(Yaml::Kind::Text)) return sound;
  const auto compiled = Template::compile(value.to_json());
  if (!compiled) {
    faults.error(value.place_in_text(compiled.error().offset), compiled.error().message);
    return false;
  }
  for (const auto& reference : compiled->references())
    check_reference(reference, scope, value.place(), faults);
  return true;
}

}  // namespace

std::optional<Template> read_template(const Yaml& value, const Scope& scope, FaultList& faults) {
  if (!check_texts(value, scope, faults)) return std::nullopt;
  return Template::compile(value.to_json()).value();
}

}  // namespace skald::sandbox
