#include "sagas/sandbox/declaration_loader.hpp"

#include <algorithm>

#include "sagas/sandbox/resource_loader.hpp"
#include "sagas/sandbox/route_loader.hpp"
#include "sagas/sandbox/routing.hpp"
#include "sagas/yaml_reader.hpp"

namespace skald::sandbox {

using sagas::FaultList;
using sagas::Yaml;
using sagas::YamlReader;

namespace {

// As services are named in services.yaml; it becomes part of file and schema names.
bool is_service_name(const std::string& name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return name.size() <= 40 && name.front() >= 'a' && name.front() <= 'z' &&
         std::all_of(name.begin(), name.end(), fits);
}

// "POST /orders/{}/cancel": two routes of one shape could not be told apart.
std::string shape_of(const Route& route) {
  std::string shape = route.method;
  for (const std::string& segment : route.pattern) shape += '/' + (path_parameter(segment) ? "{}" : segment);
  return shape;
}

void load_name(YamlReader& reader, Declaration& declaration) {
  reader.require("service");
  const auto name = reader.text("service");
  if (!name) return;
  declaration.name = *name;
  declaration.title = reader.text("title").value_or(*name);
  if (!is_service_name(*name))
    reader.faults().error(reader.node().find("service")->place(), "'" + *name + "' is no name for a service",
                          "use at most 40 small letters, digits and hyphens, a letter first");
}

void load_resources(YamlReader& reader, Declaration& declaration) {
  reader.require("resources");
  const auto resources = reader.map("resources");
  if (!resources) return;
  for (const Yaml::Member& entry : resources->members())
    if (auto resource = load_resource(entry, reader.faults()))
      declaration.resources.push_back(std::move(*resource));
}

void load_routes(YamlReader& reader, Declaration& declaration) {
  reader.require("routes");
  const auto routes = reader.list("routes");
  if (!routes) return;
  std::vector<std::string> shapes;
  for (const Yaml& entry : routes->items()) {
    auto route = load_route(entry, declaration, reader.faults());
    if (!route) continue;
    const std::string shape = shape_of(*route);
    if (std::find(shapes.begin(), shapes.end(), shape) != shapes.end())
      reader.faults().error(entry.place(), "the route '" + to_text(*route) + "' stands twice");
    shapes.push_back(shape);
    declaration.routes.push_back(std::move(*route));
  }
}

}  // namespace

LoadedDeclaration load_declaration(std::string_view text, std::string file) {
  FaultList faults(std::move(file));
  Declaration declaration;
  if (const auto document = Yaml::parse(text, faults)) {
    YamlReader reader(*document, "a service file", faults);
    load_name(reader, declaration);
    reader.require("port");
    declaration.port = static_cast<std::uint16_t>(reader.integer("port", {1, 65535}).value_or(0));
    declaration.storage = reader
                              .one_of<StorageKind>("storage", {{"sqlite", StorageKind::Sqlite},
                                                               {"postgres", StorageKind::Postgres}})
                              .value_or(StorageKind::Sqlite);
    load_resources(reader, declaration);
    load_routes(reader, declaration);
    reader.finish();
  }
  LoadedDeclaration loaded;
  if (!faults.has_errors()) loaded.declaration = std::move(declaration);
  loaded.faults = faults.take();
  return loaded;
}

}  // namespace skald::sandbox
