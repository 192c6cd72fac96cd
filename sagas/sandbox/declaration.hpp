// What a NAME.service.yaml declares, checked and compiled: the resources a stand-in service keeps, and its
// routes. Made by declaration_loader, read by everything else here, never changed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/core/expression/template.hpp"

namespace skald::sandbox {

using core::Template;

enum class FieldType { Text, Integer, Number, Boolean, Time, Json };

struct Field {
  std::string name;
  FieldType type = FieldType::Text;
  bool optional = false;  // declared as "optional text": may be null
};

struct State {
  std::string name;
  std::vector<std::string> next;  // the states it may change to
};

// The field that tells the state a resource is in.
inline constexpr const char* kStatus = "status";

struct Resource {
  std::string name;
  std::string key;            // the field that names one of them
  std::vector<Field> fields;  // the key first, `status` (the state) last
  std::vector<State> states;  // the first is the one it begins in

  const Field* find_field(std::string_view field) const;
  const State* find_state(std::string_view state) const;
  bool allows(std::string_view from, std::string_view to) const;
};

// Fields that must equal these values.
using Where = std::vector<std::pair<std::string, Template>>;

// Resources that a rule wants to see, as `.found.NAME`: a list, oldest first.
struct Lookup {
  std::string name;
  std::string resource;
  Where where;
};

// The answer instead of the effect, when `when` is true.
struct Refusal {
  Template when;
  int status = 409;
  std::string type;
  Template title;
  Template detail;
};

struct Create {
  std::string resource;
  Template set;
};
struct Change {
  std::string resource;
  Template key;
  std::optional<Template> when;  // false: nothing changes, and the answer is given all the same
  std::optional<std::string> to;
  std::optional<Template> set;
};
struct Read {
  std::string resource;
  Template key;
};
struct List {
  std::string resource;
  Where where;
};
using Deed = std::variant<Create, Change, Read, List>;

struct Route {
  std::string method;
  std::vector<std::string> pattern;  // segments; "{id}" stands for any one segment
  std::vector<Lookup> find;
  std::vector<Refusal> refuse;
  Deed deed;
  int status = 200;
  std::optional<Template> answer;  // none: the resource, or {items} for a list
};

enum class StorageKind { Sqlite, Postgres };

struct Declaration {
  std::string name;
  std::string title;
  std::uint16_t port = 0;
  StorageKind storage = StorageKind::Sqlite;
  std::vector<Resource> resources;
  std::vector<Route> routes;

  const Resource* find_resource(std::string_view resource) const;
};

}  // namespace skald::sandbox
