// The process's environment. Any value may instead stand in a file that NAME_FILE names, which is how
// orchestrators hand over secrets.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/json.hpp"

namespace skald::api {

// The value of NAME; else the content of the file that NAME_FILE names, without the line break at its end. A
// file that cannot be read counts as not given, and is logged.
std::optional<std::string> environment_value(const std::string& name);

// The value of .secrets: NAME of every SKALD_SECRET_NAME or SKALD_SECRET_NAME_FILE, with its value.
Json secrets_of_environment();

// Names of all variables that begin with SKALD_, sorted.
std::vector<std::string> skald_variables();

}  // namespace skald::api
