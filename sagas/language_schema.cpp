#include "sagas/language_schema.hpp"

namespace skald::sagas {

std::optional<std::string_view> language_schema(std::string_view name) {
  for (const LanguageSchema& schema : language_schemas())
    if (schema.name == name) return schema.text;
  return std::nullopt;
}

}  // namespace skald::sagas
