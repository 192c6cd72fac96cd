#include "sagas/example_input.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace skald::sagas {
namespace {

std::string type_of(const Json& schema) {
  const Json type = schema.get("type");
  if (type.is_string()) return type.as_string();
  if (type.is_array() && !type.as_array().empty() && type.as_array()[0].is_string())
    return type.as_array()[0].as_string();
  if (schema.get("properties").is_object()) return "object";
  return "string";
}

Json example_text(const Json& schema, const std::string& name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kByFormat{{
      {"date-time", "2026-11-21T07:00:00Z"},
      {"date", "2026-11-21"},
      {"time", "07:00:00Z"},
      {"email", "ann@example.org"},
      {"uuid", "0198c1f2-0000-7000-8000-000000000000"},
      {"uri", "https://example.org/"},
      {"hostname", "example.org"},
      {"ipv4", "192.0.2.1"},
  }};
  const Json format = schema.get("format");
  for (const auto& [known, text] : kByFormat)
    if (format == Json(known)) return text;
  std::string text = name;
  const auto least = schema.get("minLength"), most = schema.get("maxLength");
  if (least.is_number())
    while (text.size() < static_cast<std::size_t>(least.as_number())) text += 'x';
  if (most.is_number() && text.size() > static_cast<std::size_t>(most.as_number()))
    text.resize(static_cast<std::size_t>(most.as_number()));
  return text;
}

Json example_number(const Json& schema) {
  for (const char* bound : {"minimum", "maximum"})
    if (const Json value = schema.get(bound); value.is_number()) return value;
  if (const auto above = schema.get("exclusiveMinimum").is_number()
                             ? schema.get("exclusiveMinimum").as_integer()
                             : std::nullopt)
    return *above + 1;
  return 1;
}

Json example_object(const Json& schema) {
  Json::Object members;
  const Json required = schema.get("required"), properties = schema.get("properties");
  if (required.is_array())
    for (const auto& key : required.as_array())
      if (key.is_string())
        members.set(key.as_string(), example_input(properties.get(key.as_string()), key.as_string()));
  return members;
}

Json example_array(const Json& schema, const std::string& name) {
  const Json least = schema.get("minItems"), items = schema.get("items");
  Json::Array list;
  if (least.is_number() && least.as_number() > 0) list.push_back(example_input(items, name));
  return list;
}

}  // namespace

Json example_input(const Json& schema, const std::string& name) {
  if (const Json* value = schema.find("const")) return *value;
  if (const Json* value = schema.find("default")) return *value;
  for (const char* list : {"examples", "enum"})
    if (const Json values = schema.get(list); values.is_array() && !values.as_array().empty())
      return values.as_array().front();
  const auto type = type_of(schema);
  if (type == "object") return example_object(schema);
  if (type == "array") return example_array(schema, name);
  if (type == "integer" || type == "number") return example_number(schema);
  if (type == "boolean") return true;
  if (type == "null") return {};
  return example_text(schema, name);
}

}  // namespace skald::sagas
