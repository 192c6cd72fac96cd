#include "sagas/explore/shape.hpp"

#include "sagas/example_input.hpp"
#include "sagas/explore/spot.hpp"

namespace skald::sagas {
namespace {

Json made_up_leaf(Shape::Kind kind, const std::string& name) {
  switch (kind) {
    case Shape::Kind::Text: return name;
    case Shape::Kind::Number: return 1;
    case Shape::Kind::Truth: return true;
    case Shape::Kind::List: return Json::Array{};
    case Shape::Kind::Map: return Json::Object{};
    case Shape::Kind::Time: return "2026-01-02T00:00:00Z";
  }
  return {};
}

bool is_closed(const Json& schema) {
  return schema.get("additionalProperties") == Json(false);
}

Json made_up_list(const Shape& shape, const Json& schema, const Json& known, const std::string& name) {
  if (known.is_array() && !known.as_array().empty()) return known;
  return Json::Array{made_up(shape.members.at(kElement), schema.get("items"), name)};
}

Json made_up_map(const Shape& shape, const Json& schema, const Json& known) {
  Json::Object members = known.is_object() ? known.as_object() : Json::Object{};
  for (const auto& [key, member] : shape.members) {
    const Json* property = schema.get("properties").find(key);
    if (!property && is_closed(schema)) continue;
    if (members.find(key) && member.members.empty()) continue;
    members.set(key, made_up(member, property ? *property : Json(), key));
  }
  return members;
}

}  // namespace

Shape& Shape::at(const std::vector<std::string>& path) {
  Shape* shape = this;
  for (const std::string& name : path) shape = &shape->members[name];
  return *shape;
}

std::vector<Shape*> Shape::leaves() {
  if (members.empty()) return {this};
  std::vector<Shape*> found;
  for (auto& [name, member] : members)
    for (Shape* leaf : member.leaves()) found.push_back(leaf);
  return found;
}

Json made_up(const Shape& shape, const Json& schema, const std::string& name) {
  const Json known = schema.is_object() ? example_input(schema, name) : Json();
  if (shape.members.contains(kElement)) return made_up_list(shape, schema, known, name);
  if (!shape.members.empty()) return made_up_map(shape, schema, known);
  return schema.is_object() ? known : made_up_leaf(shape.kind, name);
}

Json replaced(const Json& value, const std::vector<std::string>& path, const Json& by) {
  if (path.empty()) return by;
  if (!value.is_object()) return value;
  const Json* member = value.find(path.front());
  Json::Object members = value.as_object();
  members.set(path.front(), replaced(member ? *member : Json(), {path.begin() + 1, path.end()}, by));
  return members;
}

Json without(const Json& value, const std::vector<std::string>& path) {
  if (path.empty()) return {};
  if (!value.is_object()) return value;
  Json::Object members;
  for (const auto& [key, member] : value.as_object()) {
    if (key != path.front())
      members.append(key, member);
    else if (path.size() > 1)
      members.append(key, without(member, {path.begin() + 1, path.end()}));
  }
  return members;
}

Json value_at(const Json& value, const std::vector<std::string>& path) {
  Json found = value;
  for (const std::string& name : path) found = found.get(name);
  return found;
}

Json schema_at(Json schema, const std::vector<std::string>& path) {
  for (const std::string& name : path)
    schema = name == kElement ? schema.get("items") : schema.get("properties").get(name);
  return schema;
}

}  // namespace skald::sagas
