// What the log keeps, as the core reads it: events, and the definitions by which sagas began.
#pragma once

#include <vector>

#include "engine/core/event.hpp"
#include "engine/core/state.hpp"
#include "eventstore/log.hpp"
#include "sagas/catalog.hpp"

namespace skald::api {

// An Error: this version cannot read it.
Result<core::Event> event_of(const store::StoredEvent& stored);
Result<std::vector<core::Event>> events_of(const std::vector<store::StoredEvent>& stored);

core::State fold(SagaId id, const std::vector<core::Event>& events);

// Rows that cannot be loaded any more are left out: whoever misses one says so.
sagas::Catalog catalog_of(const std::vector<store::DefinitionRow>& rows);

}  // namespace skald::api
