// skald explore --preview ID: what would be called if a saga were cancelled, or failed, now.
#pragma once

#include <string>

#include "api/cli/exit_code.hpp"
#include "api/cli/output.hpp"

namespace skald::api {

// Reads its events and its definition from the server, and changes nothing.
ExitCode preview_saga(const std::string& server, const std::string& id, Format format);

}  // namespace skald::api
