// `skald replay` and `skald log`, with its verbs that have a file each.
#pragma once

#include "api/cli/command_line.hpp"

namespace skald::api {

// What was told again is not what was recorded.
inline constexpr ExitCode kDivergence{20};

void add_replay_commands(CLI::App& app, Chosen& chosen);  // saga, check, verify
void add_log_commands(CLI::App& app, Chosen& chosen);     // tail, export, import, stats, retain
void add_log_tail(CLI::App& log, Chosen& chosen);
void add_log_stats(CLI::App& log, Chosen& chosen);
void add_log_retain(CLI::App& log, Chosen& chosen);

}  // namespace skald::api
