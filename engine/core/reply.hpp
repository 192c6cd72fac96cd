// reply: what reached the saga from a service, as events. A duplicate, or a reply that nobody awaits any
// more, gives none.
#pragma once

#include "engine/core/outcome.hpp"
#include "engine/core/story.hpp"

namespace skald::core {

void take_reply(Story& story, const CallAnswered& reply);
void take_reply(Story& story, const CallFailed& reply);
void take_reply(Story& story, const CircuitOpened& opened);
// A worker is told whether its word counts: a conflict where nothing is awaited of it (any more).
Result<void> take_word(Story& story, const TaskDone& done);
Result<void> take_word(Story& story, const TaskRefused& refused);
// What the log kept of an answer, as if the answer had come again.
void take_outcome(Story& story, const Outcome& outcome);

}  // namespace skald::core
