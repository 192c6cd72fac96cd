// What the language's own JSON Schema says of a file: the second judge beside the loader.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "sagas/language_schema.hpp"
#include "sagas/schema.hpp"
#include "sagas/yaml.hpp"

namespace skald::sagas {

inline const Schema& compiled_language_schema(const std::string& name) {
  static std::map<std::string, Schema> compiled;
  const auto known = compiled.find(name);
  if (known != compiled.end()) return known->second;
  const auto text = language_schema(name);
  REQUIRE(text.has_value());
  const auto json = parse_json(*text);
  REQUIRE(json.has_value());
  auto schema = Schema::compile(*json);
  if (!schema)
    for (const SchemaFault& fault : schema.error()) FAIL_CHECK((fault.pointer + " " + fault.message));
  REQUIRE(schema.has_value());
  return compiled.emplace(name, std::move(*schema)).first->second;
}

// "" where the text has the form that the schema says; else what it objects to.
inline std::string form_faults(const std::string& name, std::string_view text) {
  FaultList faults("f");
  const auto document = Yaml::parse(text, faults);
  if (!document || faults.has_errors()) return "no YAML";
  std::string objections;
  for (const SchemaFault& fault : compiled_language_schema(name).validate(document->to_json()))
    objections += fault.pointer + " " + fault.message + '\n';
  return objections;
}

}  // namespace skald::sagas
