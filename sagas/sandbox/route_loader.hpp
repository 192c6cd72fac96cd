// Reads one entry of `routes`: method and path, what it looks up, refuses, does and answers.
#pragma once

#include <optional>

#include "sagas/sandbox/declaration.hpp"
#include "sagas/yaml.hpp"

namespace skald::sandbox {

// `declaration` has its resources already.
std::optional<Route> load_route(const sagas::Yaml& entry, const Declaration& declaration,
                                sagas::FaultList& faults);

}  // namespace skald::sandbox
