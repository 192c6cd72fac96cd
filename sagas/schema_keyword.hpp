// The keywords of JSON Schema draft-07, each with what it adds to the compiled schema. schema_compile.cpp
// walks the schema and looks every member up here; one that is not in the list is a fault.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/json.hpp"
#include "sagas/schema.hpp"
#include "sagas/schema_compiled.hpp"
#include "sagas/schema_text.hpp"

namespace skald::sagas {

// What the whole compilation gathers.
class SchemaCompilation {
 public:
  CompiledSchema compiled;
  std::vector<SchemaFault> faults;

  SchemaNodeId compile(const Json& schema, const std::string& pointer);
  void fault(std::string pointer, std::string message);
  // Called once, at the end: a reference may point forward.
  void resolve_references();

 private:
  void compile_keywords(const Json& schema, SchemaNodeId id, const std::string& pointer);
  void refer(SchemaNodeId from, const std::string& pointer, const Json& target);

  struct Reference {
    SchemaNodeId from;
    std::string pointer;  // of the $ref itself
    std::string target;
  };
  std::vector<Reference> references_;
  std::map<std::string, SchemaNodeId, std::less<>> by_pointer_;
  int nesting_ = 0;
};

// One keyword where it stands. Whatever does not fit is a fault at its pointer, and reads as something
// harmless.
struct SchemaKeyword {
  SchemaCompilation& compilation;
  const Json& schema;  // the object it stands in
  std::string_view name;
  const Json& value;
  std::string pointer;
  SchemaNode& node;  // where its rule goes

  void fault(std::string message) const { compilation.fault(pointer, std::move(message)); }
  bool is_object(std::string_view of_what) const;
  std::string text() const;
  rules::Bound number() const;
  std::uint64_t count() const;
  std::vector<std::string> names() const;
  SchemaNodeId subschema() const { return compilation.compile(value, pointer); }
  SchemaNodeId subschema_at(std::string_view key, const Json& schema) const {
    return compilation.compile(schema, pointer_to(pointer, key));
  }
  std::vector<SchemaNodeId> subschemas() const;

  // The rule of this kind that the node has; several keywords may add to one.
  template <class T>
  T& rule() const {
    for (auto& rule : node.rules)
      if (auto* found = std::get_if<T>(&rule)) return *found;
    return std::get<T>(node.rules.emplace_back(T{}));
  }
  void add(rules::Rule rule) const { node.rules.push_back(std::move(rule)); }
};

using ReadSchemaKeyword = void (*)(const SchemaKeyword&);
// nullptr where there is no such keyword.
ReadSchemaKeyword find_schema_keyword(std::string_view name);
// "there is no keyword …", with what was probably meant.
std::string unknown_schema_keyword(std::string_view name);
// Title, description and the like: they say something to people and nothing about the value.
bool is_schema_annotation(std::string_view name);

}  // namespace skald::sagas
