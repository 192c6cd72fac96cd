// The OpenAPI 3.1 document of exactly the routes that are served; a test holds it against the router's table.
#pragma once

#include <string_view>

namespace skald::api {

// JSON text.
std::string_view openapi_document();

}  // namespace skald::api
