// The verbs of `skald view` that stand in files of their own.
#pragma once

#include <CLI/CLI.hpp>

#include "api/cli/command_line.hpp"

namespace skald::api {

void add_view_at(CLI::App& views, Chosen& chosen);

}  // namespace skald::api
