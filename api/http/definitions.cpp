// /v1/definitions: what can be started. A put adds a version unless it says the same as the newest.
#include <charconv>

#include "api/http/backend.hpp"
#include "api/http/definition_json.hpp"
#include "api/http/problem.hpp"
#include "api/http/query.hpp"
#include "api/http/respond.hpp"
#include "api/http/yaml_body.hpp"
#include "sagas/definition_loader.hpp"

namespace skald::api {
namespace {

Response unknown_definition(const std::string& name) {
  return problem(404, "not-found", "No such definition", "there is no definition named " + name);
}

Response put_response(const Result<runtime::DefinitionPut>& put) {
  if (!put) return problem(put.error());
  if (!put->entry) return faulty_definition(put->faults);
  const auto& definition = *put->entry->definition;
  Response response = json_response(put->created ? 201 : 200, definition_json(*put->entry, put->faults));
  response.headers.emplace_back(
      "Location", "/v1/definitions/" + definition.name + "/versions/" + std::to_string(definition.version));
  return response;
}

void put(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  if (auto fault = not_yaml(call.request)) return call.respond(std::move(*fault));
  const std::string name = call.arguments[0];
  backend.engine.put_definition(
      backend.lane, name, call.request.body, name + ".saga.yaml",
      [respond = std::move(call.respond)](const Result<runtime::DefinitionPut>& put) {
        respond(put_response(put));
      });
}

void validate(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  if (auto fault = not_yaml(call.request)) return call.respond(std::move(*fault));
  const auto loaded =
      sagas::load_definition(call.request.body, "definition", backend.engine.services().get());
  if (!loaded.definition) return call.respond(faulty_definition(loaded.faults));
  call.respond(
      json_response(200, Json::object({{"name", loaded.definition->name},
                                       {"hash", loaded.definition->hash},
                                       {"warnings", faults_json(loaded.faults, Gravity::Warning)}})));
}

void list_definitions(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  const auto catalog = backend.engine.catalog();
  Json::Array items;
  for (const auto& entry : catalog->list()) items.push_back(definition_row_json(entry));
  call.respond(json_response(200, Json::object({{"items", Json(std::move(items))}, {"next", {}}})));
}

void read_newest(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  const auto catalog = backend.engine.catalog();
  const auto entry = catalog->newest(call.arguments[0]);
  call.respond(entry ? json_response(200, definition_json(*entry)) : unknown_definition(call.arguments[0]));
}

void read_version(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  const auto &name = call.arguments[0], &text = call.arguments[1];
  std::int32_t version = 0;
  const auto [stopped, failure] = std::from_chars(text.data(), text.data() + text.size(), version);
  const bool number = failure == std::errc() && stopped == text.data() + text.size();
  const auto catalog = backend.engine.catalog();
  const auto entry = number ? catalog->version(name, version) : std::nullopt;
  call.respond(entry ? json_response(200, definition_json(*entry))
                     : problem(404, "not-found", "No such version",
                               "there is no version " + text + " of a definition named " + name));
}

}  // namespace

void add_definitions(Router& router, Backend backend) {
  const auto bound = [backend](void (*action)(Backend, Call)) {
    return [backend, action](Call call) { action(backend, std::move(call)); };
  };
  router.add("GET", "/v1/definitions", bound(list_definitions));
  router.add("POST", "/v1/definitions:validate", bound(validate));
  router.add("GET", "/v1/definitions/{name}", bound(read_newest));
  router.add("PUT", "/v1/definitions/{name}", bound(put));
  router.add("GET", "/v1/definitions/{name}/versions/{n}", bound(read_version));
}

}  // namespace skald::api
