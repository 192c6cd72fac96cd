#include "api/http/yaml_body.hpp"

#include <algorithm>
#include <array>

#include "api/http/body.hpp"

namespace skald::api {
namespace {

// application/yaml is registered (RFC 9512); the others are in use. JSON is YAML.
constexpr std::array<std::string_view, 5> kYamlTypes{"application/yaml", "application/x-yaml", "text/yaml",
                                                     "text/x-yaml", "application/json"};

}  // namespace

std::optional<Response> not_yaml(const Request& request) {
  if (std::find(kYamlTypes.begin(), kYamlTypes.end(), media_type(request)) != kYamlTypes.end())
    return std::nullopt;
  return wrong_media_type(request, "application/yaml or application/json");
}

}  // namespace skald::api
