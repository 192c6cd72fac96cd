#include "engine/runtime/business_key.hpp"

#include "engine/core/render.hpp"

namespace skald::runtime {

Result<std::optional<std::string>> business_key_of(const core::Definition& definition, const Json& input) {
  if (!definition.business_key) return std::optional<std::string>();
  const auto value = definition.business_key->evaluate(Json::object({{"input", input}}));
  if (!value) return invalid("the business key cannot be computed: " + value.error().message);
  auto key = core::business_key_text(*value);
  if (!key) return key.error();
  return std::optional(std::move(*key));
}

}  // namespace skald::runtime
