#include <stdexcept>

#include "engine/base/hex.hpp"
#include "sagas/schema.hpp"
#include "sagas/schema_keyword.hpp"
#include "sagas/schema_loop.hpp"

namespace skald::sagas {
namespace {

constexpr std::size_t kMaxNodes = 10'000;  // schemas in one schema; more is generated, and a mistake
constexpr int kMaxSchemaNesting = 64;      // as deep as a JSON document may be: our own recursion

// A fragment is percent-encoded (RFC 3986); the pointer in it is not.
std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0;
    decoded += escape ? static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])) : text[i];
    if (escape) i += 2;
  }
  return decoded;
}

}  // namespace

boost::system::result<Schema, std::vector<SchemaFault>> Schema::compile(const Json& schema) {
  SchemaCompilation compilation;
  compilation.compile(schema, "");
  compilation.resolve_references();
  if (compilation.faults.empty()) refuse_schema_loops(compilation);
  if (!compilation.faults.empty()) return compilation.faults;
  return Schema(std::make_shared<const CompiledSchema>(std::move(compilation.compiled)));
}

SchemaNodeId SchemaCompilation::compile(const Json& schema, const std::string& pointer) {
  const auto id = static_cast<SchemaNodeId>(compiled.nodes.size());
  compiled.nodes.emplace_back();
  compiled.nodes.back().pointer = pointer;
  by_pointer_.emplace(pointer, id);
  if (compiled.nodes.size() > kMaxNodes)
    fault(pointer, "holds more than " + std::to_string(kMaxNodes) + " schemas");
  else if (nesting_ >= kMaxSchemaNesting)
    fault(pointer, "is nested too deep");
  else if (schema.is_object())
    compile_keywords(schema, id, pointer);
  else if (!schema.is_boolean())
    fault(pointer, "must be a schema: an object, true or false");
  else if (!schema.as_boolean())
    compiled.nodes[id].rules.emplace_back(rules::Never{});
  return id;
}

void SchemaCompilation::compile_keywords(const Json& schema, SchemaNodeId id, const std::string& pointer) {
  ++nesting_;
  SchemaNode node = std::move(compiled.nodes[id]);  // the list grows while the keywords are read
  const Json* reference = schema.find("$ref");
  for (const auto& [name, value] : schema.as_object()) {
    const std::string place = pointer_to(pointer, name);
    const auto read = find_schema_keyword(name);
    if (&value == reference)
      refer(id, place, value);
    else if (!read)
      fault(place, unknown_schema_keyword(name));
    else if (reference && !is_schema_annotation(name))
      fault(place, "stands beside \"$ref\", where draft-07 ignores it; put both into an \"allOf\"");
    else
      read({*this, schema, name, value, place, node});
  }
  compiled.nodes[id] = std::move(node);
  --nesting_;
}

void SchemaCompilation::refer(SchemaNodeId from, const std::string& pointer, const Json& target) {
  if (!target.is_string()) return fault(pointer, "must be a string");
  if (!target.as_string().starts_with('#'))
    return fault(pointer,
                 "must point into this schema (\"#/definitions/…\"): nothing is fetched from elsewhere");
  references_.push_back({from, pointer, percent_decoded(target.as_string().substr(1))});
}

void SchemaCompilation::resolve_references() {
  for (const auto& [from, pointer, target] : references_) {
    const auto found = by_pointer_.find(target);
    if (found == by_pointer_.end())
      fault(pointer, "there is no schema at \"#" + target + "\"");
    else
      compiled.nodes[from].rules.emplace_back(rules::Reference{found->second});
  }
}

void SchemaCompilation::fault(std::string pointer, std::string message) {
  if (faults.size() < Schema::kMaxFaults) faults.push_back({std::move(pointer), std::move(message)});
}

void throw_exception_from_error(const std::vector<SchemaFault>& faults, const boost::source_location&) {
  throw std::runtime_error(faults.empty() ? "no schema"
                                          : faults.front().pointer + ": " + faults.front().message);
}

}  // namespace skald::sagas
