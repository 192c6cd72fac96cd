// story_lines: events and commands as the lines of a scenario file. Times are told from the saga's start.
#pragma once

#include <string>

#include "engine/core/command.hpp"
#include "engine/core/event.hpp"

namespace skald::core::testing {

std::string line_of(const Event& event, Timestamp start);
std::string line_of(const Command& command, Timestamp start);

}  // namespace skald::core::testing
