// reply: what reached the saga from a service, as events. A duplicate, or a reply that nobody awaits any
// more, gives none.
#pragma once

#include "engine/core/story.hpp"

namespace skald::core {

void take_reply(Story& story, const CallAnswered& reply);
void take_reply(Story& story, const CallFailed& reply);
void take_reply(Story& story, const TaskDone& done);
void take_reply(Story& story, const TaskRefused& refused);
void take_reply(Story& story, const CircuitOpened& opened);

}  // namespace skald::core
