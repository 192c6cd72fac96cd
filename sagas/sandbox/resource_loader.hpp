// Reads one entry of `resources`: its fields, its states and what each state may become.
#pragma once

#include <optional>
#include <string>

#include "sagas/sandbox/declaration.hpp"
#include "sagas/yaml.hpp"

namespace skald::sandbox {

std::optional<Resource> load_resource(const sagas::Yaml::Member& entry, sagas::FaultList& faults);

// Letters, digits and underscores, a letter first: what may be a table, a column, a parameter.
bool is_name(std::string_view text);

}  // namespace skald::sandbox
