#include "sagas/sandbox/route_loader.hpp"

#include "sagas/sandbox/route_line.hpp"
#include "sagas/sandbox/routing.hpp"
#include "sagas/sandbox/scope.hpp"
#include "sagas/yaml_reader.hpp"

namespace skald::sandbox {

using sagas::FaultList;
using sagas::Yaml;
using sagas::YamlReader;

namespace {

Scope fields_of(const Resource& resource) {
  Scope scope;
  for (const Field& field : resource.fields) scope.members[field.name];
  return scope;
}

class RouteLoader {
 public:
  RouteLoader(const Yaml& entry, const Declaration& declaration, FaultList& faults)
      : reader_(entry, "a route", faults), declaration_(declaration), faults_(faults) {}

  std::optional<Route> load() {
    if (!reader_.is_map()) return std::nullopt;
    reader_.require("route");
    load_method_and_path();
    Scope& request = scope_.members["request"];
    request.members = {{"method", {}}, {"query", {}}, {"body", {}}};
    if (!path_.members.empty()) request.members["path"] = path_;
    scope_.members["now"];
    scope_.members["action"].members = {{"before", {}}, {"answer", {}}};
    load_lookups();
    const auto deed = load_deed();
    load_refusals();
    load_answer();
    reader_.finish();
    if (!deed) return std::nullopt;
    route_.deed = *deed;
    return std::move(route_);
  }

 private:
  void load_method_and_path() {
    const auto text = reader_.text("route");
    const auto line =
        text ? read_route_line(*text, reader_.node().find("route")->place(), faults_) : std::nullopt;
    if (!line) return;
    route_.method = line->method;
    route_.pattern = line->pattern;
    for (const std::string& segment : route_.pattern)
      if (const auto parameter = path_parameter(segment)) path_.members[*parameter];
  }

  void load_lookups() {
    const auto lookups = reader_.map("find");
    if (!lookups) return;
    for (const Yaml::Member& entry : lookups->members()) {
      YamlReader lookup(entry.value, "a look-up", faults_);
      lookup.require("resource");
      lookup.require("where");
      if (const Resource* resource = resource_named(lookup, "resource"))
        route_.find.push_back({entry.key, resource->name, load_where(lookup, *resource)});
      lookup.finish();
    }
    for (const Yaml::Member& entry : lookups->members()) scope_.members["found"].members[entry.key];
  }

  std::optional<Deed> load_deed() {
    int deeds = 0;
    std::optional<Deed> deed;
    const auto consider = [&](std::string_view word, auto load) {
      const bool stands = reader_.node().find(word).has_value();
      const Resource* resource = resource_named(reader_, word);
      if (stands) ++deeds;
      if (resource) deed = load(*resource);
    };
    consider("create", [&](const Resource& resource) { return load_create(resource); });
    consider("change", [&](const Resource& resource) { return load_change(resource); });
    consider("read", [&](const Resource& resource) { return load_read(resource); });
    consider("list", [&](const Resource& resource) { return load_list(resource); });
    if (deeds == 1) return deed;
    faults_.error(reader_.node().place(), "a route does exactly one of create, change, read and list");
    return std::nullopt;
  }

  Deed load_create(const Resource& resource) {
    refuse_effect_of_get("create");
    reader_.require("set");
    Create create{resource.name, {}};
    if (const auto set = load_set(resource)) create.set = *set;
    if (const auto set = reader_.node().find("set"); set && set->is(Yaml::Kind::Map))
      check_complete(resource, *set);
    answer_scope_.members["resource"] = fields_of(resource);
    route_.status = 201;
    return create;
  }

  Deed load_change(const Resource& resource) {
    refuse_effect_of_get("change");
    Change change{resource.name, load_key(resource), {}, reader_.text("to"), {}};
    see(resource);
    answer_scope_.members["before"] = fields_of(resource);
    if (const auto when = reader_.any("when")) change.when = read_template(*when, scope_, faults_);
    change.set = load_set(resource);
    if (change.to && !resource.find_state(*change.to))
      faults_.error(reader_.node().find("to")->place(),
                    "a " + resource.name + " has no state '" + *change.to + "'");
    if (!change.to && !reader_.node().find("set"))
      faults_.error(reader_.node().place(), "a change needs `to`, `set` or both");
    return change;
  }

  Deed load_read(const Resource& resource) {
    Read read{resource.name, load_key(resource)};
    see(resource);
    return read;
  }

  Deed load_list(const Resource& resource) {
    answer_scope_.members["resource"].members["items"];
    return List{resource.name, load_where(reader_, resource)};
  }

  // From here on expressions see the resource.
  void see(const Resource& resource) {
    scope_.members["resource"] = fields_of(resource);
    answer_scope_.members["resource"] = scope_.members["resource"];
  }

  // Without `key`, the path parameter of the key's name.
  Template load_key(const Resource& resource) {
    if (const auto key = reader_.any("key")) return read_template(*key, scope_, faults_).value_or(Template());
    if (!path_.members.contains(resource.key))
      faults_.error(reader_.node().place(),
                    "which " + resource.name + "? The path has no {" + resource.key + "}",
                    "add `key: ${ … }`");
    return Template::compile("${ .request.path." + resource.key + " }").value();
  }

  std::optional<Template> load_set(const Resource& resource) {
    const auto set = reader_.any("set");
    if (!set) return std::nullopt;
    for (const Yaml::Member& entry : set->members())
      if (!resource.find_field(entry.key))
        faults_.error(entry.key_place, "a " + resource.name + " has no field '" + entry.key + "'");
    return read_template(*set, scope_, faults_);
  }

  void check_complete(const Resource& resource, const Yaml& set) {
    for (const Field& field : resource.fields)
      if (!field.optional && field.name != "status" && !set.find(field.name))
        faults_.error(set.place(), "a new " + resource.name + " needs '" + field.name + "'");
  }

  Where load_where(YamlReader& reader, const Resource& resource) {
    Where where;
    const auto conditions = reader.map("where");
    if (!conditions) return where;
    for (const Yaml::Member& entry : conditions->members()) {
      if (!resource.find_field(entry.key))
        faults_.error(entry.key_place, "a " + resource.name + " has no field '" + entry.key + "'");
      if (auto value = read_template(entry.value, scope_, faults_))
        where.emplace_back(entry.key, std::move(*value));
    }
    return where;
  }

  void load_refusals() {
    const auto refusals = reader_.list("refuse");
    if (!refusals) return;
    for (const Yaml& entry : refusals->items()) {
      YamlReader reader(entry, "a refusal", faults_);
      for (const char* key : {"when", "type", "title"}) reader.require(key);
      Refusal refusal;
      refusal.type = reader.text("type").value_or("");
      refusal.status = static_cast<int>(reader.integer("status", {400, 499}).value_or(409));
      if (const auto when = reader.any("when"))
        refusal.when = read_template(*when, scope_, faults_).value_or(Template());
      if (const auto title = reader.any("title"))
        refusal.title = read_template(*title, scope_, faults_).value_or(Template());
      const auto detail = reader.any("detail");
      refusal.detail = detail ? read_template(*detail, scope_, faults_).value_or(Template()) : refusal.title;
      reader.finish();
      route_.refuse.push_back(std::move(refusal));
    }
  }

  void load_answer() {
    if (const auto status = reader_.integer("status", {200, 299})) route_.status = static_cast<int>(*status);
    Scope scope = scope_;
    for (const auto& [name, below] : answer_scope_.members) scope.members[name] = below;
    if (const auto answer = reader_.any("answer")) route_.answer = read_template(*answer, scope, faults_);
  }

  void refuse_effect_of_get(const std::string& word) {
    if (route_.method == "GET")
      faults_.error(reader_.node().key_place(word), "a GET changes nothing",
                    "use POST, PUT, PATCH or DELETE");
  }

  const Resource* resource_named(YamlReader& reader, std::string_view key) {
    const auto name = reader.text(key);
    if (!name) return nullptr;
    const Resource* resource = declaration_.find_resource(*name);
    if (!resource) faults_.error(reader.node().find(key)->place(), "there is no resource '" + *name + "'");
    return resource;
  }

  YamlReader reader_;
  const Declaration& declaration_;
  FaultList& faults_;
  Route route_;
  Scope path_;          // its parameters
  Scope scope_;         // what expressions see before the effect
  Scope answer_scope_;  // what an answer sees besides or instead
};

}  // namespace

std::optional<Route> load_route(const Yaml& entry, const Declaration& declaration, FaultList& faults) {
  return RouteLoader(entry, declaration, faults).load();
}

}  // namespace skald::sandbox
