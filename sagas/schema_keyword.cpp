#include "sagas/schema_keyword.hpp"

#include <algorithm>
#include <iterator>

#include "sagas/did_you_mean.hpp"
#include "sagas/schema_text.hpp"

namespace skald::sagas {
namespace {

using namespace rules;
using Keyword = SchemaKeyword;

struct TypeName {
  std::string_view name;
  Type type;
  std::string_view words;
};
constexpr TypeName kTypes[] = {{"null", Type::Null, "null"},
                               {"boolean", Type::Boolean, "true or false"},
                               {"object", Type::Object, "an object"},
                               {"array", Type::Array, "an array"},
                               {"number", Type::Number, "a number"},
                               {"string", Type::String, "a string"},
                               {"integer", Type::Integer, "an integer"}};

void add_type(const Keyword& keyword, const std::string& name) {
  const auto* found =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](auto& type) { return type.name == name; });
  if (found == std::end(kTypes)) {
    std::vector<std::string_view> known;
    for (const auto& type : kTypes) known.push_back(type.name);
    return keyword.fault("\"" + name + "\" is no type" + did_you_mean(name, known));
  }
  auto& types = keyword.rule<Types>();
  if (!types.allowed.insert(found->type).second) return keyword.fault("\"" + name + "\" stands here twice");
  types.words += (types.words.empty() ? "" : " or ") + std::string(found->words);
}

void read_type(const Keyword& keyword) {
  if (keyword.value.is_string()) return add_type(keyword, keyword.value.as_string());
  if (!keyword.value.is_array() || keyword.value.as_array().empty())
    return keyword.fault("must be a type or a list of types");
  for (const auto& name : keyword.names()) add_type(keyword, name);
}

void read_values(const Keyword& keyword) {
  if (!keyword.value.is_array() || keyword.value.as_array().empty())
    return keyword.fault("must be a list of values, at least one");
  Values values;
  std::vector<std::string> texts;
  for (const Json& value : keyword.value.as_array()) {
    if (values.keys.insert(exact_key(value)).second)
      texts.push_back(value.dump());
    else
      keyword.fault(value.dump() + " stands here twice");
  }
  values.words = (texts.size() == 1 ? "" : "one of ") + in_words(texts, ", ");
  keyword.add(std::move(values));
}

void read_multiple_of(const Keyword& keyword) {
  Bound divisor = keyword.number();
  if (divisor.value.digits.empty() || divisor.value.negative) return keyword.fault("must be more than 0");
  if (divisor.value.digits.size() > kMaxDivisorDigits)
    return keyword.fault("has more than " + std::to_string(kMaxDivisorDigits) + " digits");
  keyword.add(MultipleOf{std::move(divisor)});
}

void read_pattern(const Keyword& keyword) {
  const std::string source = keyword.text();
  auto pattern = Pattern::compile(source);
  if (!pattern) return keyword.fault("is no pattern: " + pattern.error().message);
  keyword.add(Matches{std::move(*pattern), source});
}

void read_format(const Keyword& keyword) {
  const std::string name = keyword.text();
  if (const auto* format = find_schema_format(name)) return keyword.add(Formatted{format});
  std::vector<std::string_view> known;
  for (const auto& format : schema_formats()) known.push_back(format.name);
  keyword.fault("the format \"" + name + "\" is not known" + did_you_mean(name, known));
}

void read_items(const Keyword& keyword) {
  if (!keyword.value.is_array()) {
    const auto each = keyword.subschema();
    keyword.rule<Items>().rest = each;
    return;
  }
  auto places = keyword.subschemas();
  keyword.rule<Items>().places = std::move(places);
}

void read_additional_items(const Keyword& keyword) {
  const Json* items = keyword.schema.find("items");
  if (!items || !items->is_array())
    return keyword.fault("has no effect unless \"items\" is a list of schemas");
  const auto rest = keyword.subschema();
  keyword.rule<Items>().rest = rest;
}

void read_properties(const Keyword& keyword) {
  if (!keyword.is_object("a schema for each property")) return;
  std::map<std::string, SchemaNodeId, std::less<>> properties;
  for (const auto& [name, schema] : keyword.value.as_object())
    properties[name] = keyword.subschema_at(name, schema);
  keyword.rule<Members>().properties = std::move(properties);
}

void read_pattern_properties(const Keyword& keyword) {
  if (!keyword.is_object("a schema for each pattern")) return;
  std::vector<std::pair<Pattern, SchemaNodeId>> patterns;
  for (const auto& [source, schema] : keyword.value.as_object()) {
    const auto node = keyword.subschema_at(source, schema);
    if (auto pattern = Pattern::compile(source))
      patterns.emplace_back(std::move(*pattern), node);
    else
      keyword.compilation.fault(pointer_to(keyword.pointer, source),
                                "is no pattern: " + pattern.error().message);
  }
  keyword.rule<Members>().patterns = std::move(patterns);
}

void read_additional_properties(const Keyword& keyword) {
  const auto rest = keyword.subschema();
  keyword.rule<Members>().rest = rest;
  keyword.rule<Members>().closed = keyword.value.is_boolean() && !keyword.value.as_boolean();
}

void read_dependencies(const Keyword& keyword) {
  if (!keyword.is_object("a list of names or a schema for each property")) return;
  Dependencies dependencies;
  for (const auto& [member, value] : keyword.value.as_object()) {
    const Keyword one{keyword.compilation, keyword.schema, member, value, pointer_to(keyword.pointer, member),
                      keyword.node};
    if (value.is_array())
      dependencies.names.push_back({member, one.names()});
    else
      dependencies.schemas.push_back({member, one.subschema()});
  }
  keyword.add(std::move(dependencies));
}

void read_condition(const Keyword& keyword) {
  if (!keyword.schema.find("then") && !keyword.schema.find("else"))
    return keyword.fault("has no effect without \"then\" or \"else\"");
  const auto when = keyword.subschema();
  keyword.rule<Condition>().when = when;
}

template <std::optional<SchemaNodeId> Condition::*kBranch>
void read_branch(const Keyword& keyword) {
  if (!keyword.schema.find("if")) return keyword.fault("has no effect without \"if\"");
  const auto branch = keyword.subschema();
  keyword.rule<Condition>().*kBranch = branch;
}

void read_dialect(const Keyword& keyword) {
  const std::string uri = keyword.text();
  if (uri != "http://json-schema.org/draft-07/schema#" && uri != "http://json-schema.org/draft-07/schema")
    keyword.fault("only draft-07 is understood: http://json-schema.org/draft-07/schema#");
}

// An $id further inside would change what "#" means in the references below it.
void read_id(const Keyword& keyword) {
  if (keyword.text().starts_with('#') || keyword.pointer != "/$id")
    keyword.fault("is understood at the top only; refer to \"#/definitions/…\" instead");
}

void read_definitions(const Keyword& keyword) {
  if (!keyword.is_object("a schema for each name")) return;
  for (const auto& [name, schema] : keyword.value.as_object()) keyword.subschema_at(name, schema);
}

void read_unique(const Keyword& keyword) {
  if (!keyword.value.is_boolean()) return keyword.fault("must be true or false");
  if (keyword.value.as_boolean()) keyword.add(Unique{});
}

void read_flag(const Keyword& keyword) {
  if (!keyword.value.is_boolean()) keyword.fault("must be true or false");
}

void read_examples(const Keyword& keyword) {
  if (!keyword.value.is_array()) keyword.fault("must be a list of values");
}

struct Entry {
  std::string_view name;
  ReadSchemaKeyword read;
};

// Readers of rules with several keywords compile what is inside before they ask for the rule: a nested schema
// has a node of its own, but the list of nodes may move.
constexpr Entry kRules[] = {
    {"type", read_type},
    {"enum", read_values},
    {"const",
     [](const Keyword& k) {
       k.add(Values{{exact_key(k.value)}, k.value.dump()});
     }},
    {"minimum", [](const Keyword& k) { k.rule<Range>().minimum = k.number(); }},
    {"maximum", [](const Keyword& k) { k.rule<Range>().maximum = k.number(); }},
    {"exclusiveMinimum", [](const Keyword& k) { k.rule<Range>().exclusive_minimum = k.number(); }},
    {"exclusiveMaximum", [](const Keyword& k) { k.rule<Range>().exclusive_maximum = k.number(); }},
    {"multipleOf", read_multiple_of},
    {"minLength", [](const Keyword& k) { k.rule<Length>().minimum = k.count(); }},
    {"maxLength", [](const Keyword& k) { k.rule<Length>().maximum = k.count(); }},
    {"pattern", read_pattern},
    {"format", read_format},
    {"items", read_items},
    {"additionalItems", read_additional_items},
    {"minItems", [](const Keyword& k) { k.rule<ItemCount>().minimum = k.count(); }},
    {"maxItems", [](const Keyword& k) { k.rule<ItemCount>().maximum = k.count(); }},
    {"uniqueItems", read_unique},
    {"contains", [](const Keyword& k) { k.add(Contains{k.subschema()}); }},
    {"properties", read_properties},
    {"patternProperties", read_pattern_properties},
    {"additionalProperties", read_additional_properties},
    {"propertyNames", [](const Keyword& k) { k.add(MemberNames{k.subschema()}); }},
    {"required", [](const Keyword& k) { k.add(Required{k.names()}); }},
    {"minProperties", [](const Keyword& k) { k.rule<MemberCount>().minimum = k.count(); }},
    {"maxProperties", [](const Keyword& k) { k.rule<MemberCount>().maximum = k.count(); }},
    {"dependencies", read_dependencies},
    {"allOf", [](const Keyword& k) { k.add(AllOf{k.subschemas()}); }},
    {"anyOf", [](const Keyword& k) { k.add(AnyOf{k.subschemas()}); }},
    {"oneOf", [](const Keyword& k) { k.add(OneOf{k.subschemas()}); }},
    {"not", [](const Keyword& k) { k.add(Not{k.subschema()}); }},
    {"if", read_condition},
    {"then", read_branch<&Condition::then>},
    {"else", read_branch<&Condition::otherwise>},
};

constexpr Entry kAnnotations[] = {
    {"$schema", read_dialect},
    {"$id", read_id},
    {"$comment", [](const Keyword& k) { k.text(); }},
    {"title", [](const Keyword& k) { k.text(); }},
    {"description", [](const Keyword& k) { k.text(); }},
    {"default", [](const Keyword&) {}},
    {"examples", read_examples},
    {"readOnly", read_flag},
    {"writeOnly", read_flag},
    {"definitions", read_definitions},
};

// What later drafts and OpenAPI say, and how draft-07 says it.
constexpr std::pair<std::string_view, std::string_view> kSaidOtherwise[] = {
    {"$defs", "\"definitions\""},
    {"$anchor", "a \"$ref\" to \"#/definitions/…\""},
    {"prefixItems", "a list in \"items\""},
    {"dependentRequired", "\"dependencies\""},
    {"dependentSchemas", "\"dependencies\""},
    {"nullable", "\"type\": [\"…\", \"null\"]"},
    {"example", "\"examples\""},
};

template <std::size_t kSize>
ReadSchemaKeyword find_in(const Entry (&entries)[kSize], std::string_view name) {
  const auto* found =
      std::find_if(entries, entries + kSize, [&](const Entry& entry) { return entry.name == name; });
  return found == entries + kSize ? nullptr : found->read;
}

}  // namespace

ReadSchemaKeyword find_schema_keyword(std::string_view name) {
  const auto rule = find_in(kRules, name);
  return rule ? rule : find_in(kAnnotations, name);
}

bool is_schema_annotation(std::string_view name) {
  return find_in(kAnnotations, name) != nullptr;
}

std::string unknown_schema_keyword(std::string_view name) {
  const std::string unknown = "\"" + std::string(name) + "\" is no keyword of JSON Schema draft-07";
  for (const auto& [later, draft7] : kSaidOtherwise)
    if (name == later) return unknown + "; it says " + std::string(draft7);
  std::vector<std::string_view> known = {"$ref"};
  for (const auto& entry : kRules) known.push_back(entry.name);
  for (const auto& entry : kAnnotations) known.push_back(entry.name);
  return unknown + did_you_mean(name, known);
}

bool SchemaKeyword::is_object(std::string_view of_what) const {
  if (!value.is_object()) fault("must be an object with " + std::string(of_what));
  return value.is_object();
}

std::string SchemaKeyword::text() const {
  if (value.is_string()) return value.as_string();
  fault("must be a string");
  return "";
}

Bound SchemaKeyword::number() const {
  if (value.is_number()) return {decimal_of(value), value.number_text()};
  fault("must be a number");
  return {parse_decimal("1"), "1"};
}

std::uint64_t SchemaKeyword::count() const {
  const auto count = value.as_integer();
  if (!count || *count < 0) fault("must be a whole number, 0 or more");
  return static_cast<std::uint64_t>(count.value_or(0));
}

std::vector<std::string> SchemaKeyword::names() const {
  std::vector<std::string> names;
  if (!value.is_array()) {
    fault("must be a list of names");
    return names;
  }
  for (const Json& name : value.as_array()) {
    if (!name.is_string())
      fault("must be a list of names; " + name.dump() + " is none");
    else if (std::find(names.begin(), names.end(), name.as_string()) != names.end())
      fault(name.dump() + " stands here twice");
    else
      names.push_back(name.as_string());
  }
  return names;
}

std::vector<SchemaNodeId> SchemaKeyword::subschemas() const {
  std::vector<SchemaNodeId> nodes;
  if (!value.is_array() || value.as_array().empty()) {
    fault("must be a list of schemas, at least one");
    return nodes;
  }
  for (const Json& schema : value.as_array())
    nodes.push_back(subschema_at(std::to_string(nodes.size()), schema));
  return nodes;
}

}  // namespace skald::sagas
