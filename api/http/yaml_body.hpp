// Bodies that are YAML, or JSON, which is YAML: definitions and views.
#pragma once

#include <optional>

#include "api/http/message.hpp"

namespace skald::api {

// The answer to a body of another type.
std::optional<Response> not_yaml(const Request& request);

}  // namespace skald::api
