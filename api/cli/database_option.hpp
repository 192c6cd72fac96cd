// The --database-url of the commands that go to the database themselves.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "engine/base/error.hpp"

namespace skald::api {

void add_database_option(CLI::App& command, std::string& database_url);

// The flag, else SKALD_DATABASE_URL (or its _FILE).
Result<std::string> database_url_of(const std::string& flag);

}  // namespace skald::api
