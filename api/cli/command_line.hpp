// The command line: one binary, nouns and verbs. Each group of commands has a file that declares it here. A
// command first is read as a whole; then its action runs and gives the exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "api/cli/exit_code.hpp"

namespace skald::api {

// The action of the command that was given, once the command line has been read.
using Chosen = std::function<ExitCode()>;

void add_node_commands(CLI::App& app, Chosen& chosen);      // serve
void add_dev_command(CLI::App& app, Chosen& chosen);        // dev
void add_database_commands(CLI::App& app, Chosen& chosen);  // migrate
void add_doctor_command(CLI::App& app, Chosen& chosen);     // doctor
void add_sandbox_command(CLI::App& app, Chosen& chosen);    // sandbox
void add_validate_command(CLI::App& app, Chosen& chosen);   // validate
void add_explore_command(CLI::App& app, Chosen& chosen);    // explore
void add_schema_command(CLI::App& app, Chosen& chosen);     // schema
void add_start_command(CLI::App& app, Chosen& chosen);      // start
void add_saga_commands(CLI::App& app, Chosen& chosen);      // list, show
void add_verb_commands(CLI::App& app, Chosen& chosen);      // cancel, retry, skip, signal …
void add_events_command(CLI::App& app, Chosen& chosen);     // events
void add_view_commands(CLI::App& app, Chosen& chosen);      // view list, status, rebuild, skip
void add_version_command(CLI::App& app, Chosen& chosen);    // version

// The whole of main().
int run_command_line(int argc, const char* const* argv);

}  // namespace skald::api
