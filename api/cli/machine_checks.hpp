// What `skald doctor` looks at on this machine: room for connections, and what `skald dev` needs.
#pragma once

#include <filesystem>

#include "api/cli/findings.hpp"

namespace skald::api {

void check_machine(const std::filesystem::path& directory, Findings& findings);

}  // namespace skald::api
