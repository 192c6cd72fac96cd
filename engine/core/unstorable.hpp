// unstorable: the database refused for good to keep what the last input wrote. Going on would meet the same
// refusal again, so a person has to decide.
#pragma once

#include "engine/core/story.hpp"

namespace skald::core {

void get_stuck_unstorable(Story& story, const AppendRefused& refusal);

}  // namespace skald::core
