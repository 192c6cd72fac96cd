// child: how sagas that a step started end, and what became of events: what other sagas tell this one.
#pragma once

#include "engine/core/story.hpp"

namespace skald::core {

void take_end_of_child(Story& story, const ChildEnded& child);
void take_delivery(Story& story, const EventDelivered& delivery);

}  // namespace skald::core
