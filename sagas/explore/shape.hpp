// Shape: which members of a value are read, as far as expressions tell. A value is made up from it, and from
// the schema where there is one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/base/json.hpp"

namespace skald::sagas {

struct Shape {
  enum class Kind { Text, Number, Truth, List, Map, Time };
  std::map<std::string, Shape> members;  // kElement: it is a list, of this
  Kind kind = Kind::Text;                // where no member is read

  Shape& at(const std::vector<std::string>& path);
  // Those without members, in a fixed order.
  std::vector<Shape*> leaves();
};

// `schema` is null where there is none. A member that a closed schema does not know is left out.
Json made_up(const Shape& shape, const Json& schema, const std::string& name);

// The value with another one at that path; without effect where the path leads through no map.
Json replaced(const Json& value, const std::vector<std::string>& path, const Json& by);
// The value without what stands at that path.
Json without(const Json& value, const std::vector<std::string>& path);
// Null where there is nothing.
Json value_at(const Json& value, const std::vector<std::string>& path);

// The schema of what stands at that path, kElement for items; null where the schema does not say.
Json schema_at(Json schema, const std::vector<std::string>& path);

}  // namespace skald::sagas
