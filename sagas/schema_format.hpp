// The formats a schema may ask of a text, each after its RFC. A format not listed here is a fault of the
// schema: one that is not checked would be a promise nobody keeps.
#pragma once

#include <string_view>
#include <vector>

namespace skald::sagas {

struct SchemaFormat {
  std::string_view name;         // "date-time"
  std::string_view description;  // "a time such as 2026-11-21T07:00:00Z"
  bool (*fits)(std::string_view text);
};

const std::vector<SchemaFormat>& schema_formats();
const SchemaFormat* find_schema_format(std::string_view name);

}  // namespace skald::sagas
