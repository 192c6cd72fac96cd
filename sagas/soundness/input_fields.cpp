// Fields of the input that expressions read are fields that the input can have, as far as its schema tells.
#include "sagas/soundness/soundness.hpp"
#include "sagas/suggestion.hpp"

namespace skald::sagas {
namespace {

// Keywords that can add properties in ways a look at `properties` does not show.
bool is_plain_object(const Json& schema) {
  for (const char* keyword : {"$ref", "allOf", "anyOf", "oneOf", "if", "patternProperties"})
    if (schema.find(keyword) != nullptr) return false;
  return schema.get("properties").is_object();
}

void report(const ExpressionUse& use, const Json& schema, const std::string& field, FaultList& faults) {
  std::vector<std::string> names;
  for (const Json::Member& member : schema.get("properties").as_object()) names.push_back(member.key);
  const std::string message = "the input's schema has no field '" + field + "'";
  const Json additional = schema.get("additionalProperties");
  const bool closed = additional.is_boolean() && !additional.as_boolean();
  if (closed)
    faults.error(use.place, message, suggestion(field, names));
  else
    faults.warning(use.place, message, suggestion(field, names));
}

}  // namespace

void check_input_fields(const Draft& draft, FaultList& faults) {
  for (const ExpressionUse& use : draft.uses) {
    if (use.reference.empty() || use.reference.front() != "input") continue;
    Json schema = draft.definition.input_schema;
    for (std::size_t level = 1; level < use.reference.size() && is_plain_object(schema); ++level) {
      const Json* field = schema.get("properties").find(use.reference[level]);
      if (field == nullptr) {
        report(use, schema, use.reference[level], faults);
        break;
      }
      schema = Json(*field);
    }
  }
}

}  // namespace skald::sagas
