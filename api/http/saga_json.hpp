// Sagas and events as the API shows them (README.md of this folder): every member is always there, null or
// empty where there is nothing to say, so that clients need no second shape.
#pragma once

#include "engine/base/json.hpp"
#include "engine/runtime/engine.hpp"
#include "eventstore/log.hpp"

namespace skald::api {

// The whole saga, with its steps in the order of the definition.
Json saga_json(const runtime::Snapshot& saga);

// A saga in a list: what its row knows, without a look at its events.
Json saga_row_json(const store::SagaRow& row);

// {type, time, position, version, …the event's own fields}
Json event_json(const store::StoredEvent& event);

}  // namespace skald::api
