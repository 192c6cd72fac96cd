// A schema after compilation: what schema_compile.cpp writes and schema_validate.cpp reads. A node is the
// list of the rules its keywords make; keywords that only have a sense together are one rule.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sagas/schema_decimal.hpp"
#include "sagas/schema_format.hpp"
#include "sagas/schema_pattern.hpp"

namespace skald::sagas {

using SchemaNodeId = std::uint32_t;

namespace rules {

enum class Type { Null, Boolean, Object, Array, Number, String, Integer };

struct Never {};
struct Reference {
  SchemaNodeId target = 0;
};
struct Types {
  std::set<Type> allowed;
  std::string words;  // "an integer or null"
};
struct Values {
  std::set<std::string> keys;  // exact_key() of each
  std::string words;           // `one of "a", "b"`
};

struct Bound {
  Decimal value;
  std::string text;
};
struct Range {
  std::optional<Bound> minimum, maximum, exclusive_minimum, exclusive_maximum;
};
struct MultipleOf {
  Bound divisor;
};

struct Count {
  std::uint64_t minimum = 0;
  std::uint64_t maximum = UINT64_MAX;
};
struct Length : Count {};
struct ItemCount : Count {};
struct MemberCount : Count {};

struct Matches {
  Pattern pattern;
  std::string source;
};
struct Formatted {
  const SchemaFormat* format = nullptr;
};

struct Items {
  std::vector<SchemaNodeId> places;  // of the first items, one each
  std::optional<SchemaNodeId> rest;  // of all others
};
struct Contains {
  SchemaNodeId item = 0;
};
struct Unique {};

struct Members {
  std::map<std::string, SchemaNodeId, std::less<>> properties;
  std::vector<std::pair<Pattern, SchemaNodeId>> patterns;
  std::optional<SchemaNodeId> rest;
  bool closed = false;  // additionalProperties: false
};
struct Required {
  std::vector<std::string> names;
};
struct MemberNames {
  SchemaNodeId name = 0;
};
struct DependentNames {
  std::string member;
  std::vector<std::string> names;
};
struct DependentSchema {
  std::string member;
  SchemaNodeId schema = 0;
};
struct Dependencies {
  std::vector<DependentNames> names;
  std::vector<DependentSchema> schemas;
};

struct AllOf {
  std::vector<SchemaNodeId> schemas;
};
struct AnyOf {
  std::vector<SchemaNodeId> schemas;
};
struct OneOf {
  std::vector<SchemaNodeId> schemas;
};
struct Not {
  SchemaNodeId schema = 0;
};
struct Condition {
  std::optional<SchemaNodeId> when, then, otherwise;
};

using Rule = std::variant<Never, Reference, Types, Values, Range, MultipleOf, Length, ItemCount, MemberCount,
                          Matches, Formatted, Items, Contains, Unique, Members, Required, MemberNames,
                          Dependencies, AllOf, AnyOf, OneOf, Not, Condition>;

}  // namespace rules

struct SchemaNode {
  std::string pointer;  // where it stands in the schema
  std::vector<rules::Rule> rules;
};

struct CompiledSchema {
  std::vector<SchemaNode> nodes;  // the first is the whole
};

}  // namespace skald::sagas
