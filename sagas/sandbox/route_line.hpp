// "POST /applications/{id}/cancel": how a route says which requests are its own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sagas/fault.hpp"

namespace skald::sandbox {

struct RouteLine {
  std::string method;
  std::vector<std::string> pattern;  // segments; "{id}" stands for any one segment
};

std::optional<RouteLine> read_route_line(const std::string& line, sagas::Place place,
                                         sagas::FaultList& faults);

}  // namespace skald::sandbox
