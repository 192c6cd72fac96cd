// child: sagas that a step starts, and the delivery of events: what other sagas tell this one.
#pragma once

#include "engine/core/story.hpp"

namespace skald::core {

// The request for a child, with the id it will have.
Result<RequestSummary> child_to_request(const Story& story, const StepPath& path, Operation operation,
                                        const SagaAction& action);

void take_end_of_child(Story& story, const ChildEnded& child);
void take_delivery(Story& story, const EventDelivered& delivery);

}  // namespace skald::core
