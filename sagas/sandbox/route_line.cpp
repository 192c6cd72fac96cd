#include "sagas/sandbox/route_line.hpp"

#include <algorithm>

#include "sagas/sandbox/resource_loader.hpp"
#include "sagas/sandbox/routing.hpp"

namespace skald::sandbox {
namespace {

const std::vector<std::string> kMethods = {"GET", "POST", "PUT", "PATCH", "DELETE"};

bool is_segment(const std::string& segment) {
  if (const auto parameter = path_parameter(segment)) return is_name(*parameter);
  return !segment.empty() && segment.find_first_of("{} ?#$%") == std::string::npos;
}

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> segments;
  for (std::size_t from = 0; from <= path.size();) {
    const auto slash = std::min(path.find('/', from), path.size());
    segments.push_back(path.substr(from, slash - from));
    from = slash + 1;
  }
  return segments;
}

}  // namespace

std::optional<RouteLine> read_route_line(const std::string& line, sagas::Place place,
                                         sagas::FaultList& faults) {
  const auto space = line.find(" /");
  const std::string method = line.substr(0, std::min(space, line.size()));
  if (space == std::string::npos || std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end()) {
    faults.error(place, "expected a method and a path like 'POST /orders/{id}/cancel', found '" + line + "'");
    return std::nullopt;
  }
  RouteLine route{method, split(line.substr(space + 2))};
  if (route.pattern.front().starts_with('_')) {
    faults.error(place, "paths that begin with /_ are those that every stand-in service has by itself");
    return std::nullopt;
  }
  for (const std::string& segment : route.pattern) {
    if (is_segment(segment)) continue;
    faults.error(place, "'" + segment + "' is no segment of a path",
                 "write a word, or a parameter like {id}");
    return std::nullopt;
  }
  return route;
}

}  // namespace skald::sandbox
