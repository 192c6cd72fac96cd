#include "sagas/sandbox/field_text.hpp"

#include "engine/base/check.hpp"
#include "engine/base/time.hpp"
#include "sagas/sandbox/sql_text.hpp"

namespace skald::sandbox {
namespace {

std::string_view expectation(FieldType type) {
  switch (type) {
    case FieldType::Text: return "a text";
    case FieldType::Integer: return "an integer";
    case FieldType::Number: return "a number";
    case FieldType::Boolean: return "true or false";
    case FieldType::Time: return "a time like 2026-11-21T07:00:00Z";
    case FieldType::Json: return "a value";
  }
  return "";
}

std::optional<std::string> text_of(FieldType type, const Json& value) {
  switch (type) {
    case FieldType::Text: return value.is_string() ? std::optional(value.as_string()) : std::nullopt;
    case FieldType::Integer: {
      const auto integer = value.as_integer();
      return integer ? std::optional(std::to_string(*integer)) : std::nullopt;
    }
    case FieldType::Number: return value.is_number() ? std::optional(value.number_text()) : std::nullopt;
    case FieldType::Boolean:
      return value.is_boolean() ? std::optional<std::string>(value.as_boolean() ? "true" : "false")
                                : std::nullopt;
    case FieldType::Time:
      return value.is_string() && parse_rfc3339(value.as_string()) ? std::optional(value.as_string())
                                                                   : std::nullopt;
    case FieldType::Json: return value.dump();
  }
  return std::nullopt;
}

}  // namespace

Result<SqlValue> to_sql(const Field& field, const Json& value) {
  if (value.is_null() && field.optional) return SqlValue();
  if (value.is_null()) return invalid("'" + field.name + "' is missing");
  auto text = text_of(field.type, value);
  if (!text)
    return invalid("'" + field.name + "' is " + value.dump() + "; expected " +
                   std::string(expectation(field.type)));
  return SqlValue(std::move(text));
}

Json from_sql(const Field& field, const SqlValue& value) {
  if (!value) return {};
  switch (field.type) {
    case FieldType::Text:
    case FieldType::Time: return *value;
    case FieldType::Integer:
    case FieldType::Number: return Json::number_from_text(*value);
    case FieldType::Boolean: return is_sql_true(value);
    case FieldType::Json: {
      const auto json = parse_json(*value);
      CHECK_THAT(json.has_value(), "the field was written by to_sql");
      return *json;
    }
  }
  return {};
}

std::string_view column_type(FieldType type) {
  switch (type) {
    case FieldType::Text:
    case FieldType::Time:  // as received: RFC 3339 with its offset
    case FieldType::Json: return "text";
    case FieldType::Integer: return "bigint";
    case FieldType::Number: return "numeric";
    case FieldType::Boolean: return "boolean";
  }
  return "";
}

}  // namespace skald::sandbox
