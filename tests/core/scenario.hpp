// Scenario: a saga's story as a text file (tests/scenarios/README.md): the definition in YAML, a line "---",
// then what happened, each line followed by what must come of it.
#pragma once

#include <string>
#include <string_view>

namespace skald::core::testing {

// The whole file again, with what did come of it. Faults of the file itself fail the running test.
std::string play_scenario(std::string_view text, const std::string& file);

}  // namespace skald::core::testing
