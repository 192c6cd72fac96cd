// The JSON Schemas of the files that people write: sagas/schema/NAME.schema.json, which are part of the
// program. Editors complete and underline with them, `skald schema NAME` prints them. The loaders do not use
// them: they know more, and say it better.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace skald::sagas {

struct LanguageSchema {
  std::string_view name;  // "saga", "services", "view"
  std::string_view text;  // JSON
};

const std::vector<LanguageSchema>& language_schemas();  // by name

// Nothing where there is none of that name.
std::optional<std::string_view> language_schema(std::string_view name);

}  // namespace skald::sagas
