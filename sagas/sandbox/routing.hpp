// Finds the route of a request, and what its path parameters are.
#pragma once

#include <variant>

#include "sagas/sandbox/declaration.hpp"
#include "sagas/sandbox/exchange.hpp"

namespace skald::sandbox {

struct RouteMatch {
  const Route* route = nullptr;
  Json path;  // {"id": "7"}
};

// A match, or the 404 or 405 that says what there is instead.
std::variant<RouteMatch, Reply> find_route(const Declaration& declaration, const Request& request);

// The name in "{name}"; none: the segment is literal.
std::optional<std::string> path_parameter(const std::string& segment);
// "POST /applications/{id}/cancel".
std::string to_text(const Route& route);

}  // namespace skald::sandbox
