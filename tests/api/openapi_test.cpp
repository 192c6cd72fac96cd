#include "api/http/openapi.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "api/http/backend.hpp"

using namespace skald;
using namespace skald::api;

namespace {

std::set<std::string> documented(const Json& document) {
  static const std::set<std::string> kMethods{"get", "put", "post", "delete", "patch"};
  std::set<std::string> operations;
  for (const auto& [path, item] : document.get("paths").as_object())
    for (const auto& [method, operation] : item.as_object()) {
      if (!kMethods.contains(method)) continue;
      std::string upper = method;
      std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
      operations.insert(upper + " " + path);
    }
  return operations;
}

void collect_references(const Json& value, std::set<std::string>& found) {
  if (value.is_array())
    for (const auto& item : value.as_array()) collect_references(item, found);
  if (value.is_object())
    for (const auto& [key, member] : value.as_object()) {
      if (key == "$ref") found.insert(member.as_string());
      collect_references(member, found);
    }
}

}  // namespace

TEST_CASE("openapi: the document names exactly the routes that are served") {
  const auto document = parse_json(openapi_document());
  REQUIRE(document.has_value());
  runtime::Engine engine{runtime::EngineConfig{}};  // never started: routes are only looked at
  const auto table = make_router({engine, 0}).table();
  CHECK(documented(*document) == std::set<std::string>(table.begin(), table.end()));
}

TEST_CASE("openapi: every reference leads somewhere, and every operation has an id of its own") {
  const auto document = *parse_json(openapi_document());
  std::set<std::string> references;
  collect_references(document, references);
  CHECK(references.size() > 10);
  for (const auto& reference : references) {
    REQUIRE(reference.starts_with("#/components/"));
    const auto slash = reference.rfind('/');
    const auto kind = reference.substr(13, slash - 13);
    CHECK_MESSAGE(document.get("components").get(kind).find(reference.substr(slash + 1)), reference);
  }
  std::set<std::string> ids;
  std::size_t operations = 0;
  for (const auto& [path, item] : document.get("paths").as_object())
    for (const auto& [method, operation] : item.as_object())
      if (method != "parameters") {
        ++operations;
        ids.insert(operation.get("operationId").as_string());
      }
  CHECK(ids.size() == operations);
}
