// What is outstanding for a saga, as people and scripts read it.
#pragma once

#include "engine/base/json.hpp"
#include "engine/core/command.hpp"

namespace skald::api {

// {do, step, operation, attempt, at, until, …}: members that say nothing are left out.
Json command_json(const core::Command& command);
// In a few words: "call reserve, attempt 2, at 2026-11-21 07:00:00.000".
std::string command_text(const core::Command& command);

}  // namespace skald::api
