#include "api/replay/recorded.hpp"

#include "engine/core/event_codec.hpp"
#include "engine/core/evolve.hpp"
#include "sagas/definition_loader.hpp"

namespace skald::api {

Result<core::Event> event_of(const store::StoredEvent& stored) {
  const auto payload = parse_json(stored.payload);
  if (!payload)
    return unexpected("the event at " + to_text(stored.position) + ": " + payload.error().message);
  auto fact = core::fact_from(stored.type, *payload);
  if (!fact) return unexpected("the event at " + to_text(stored.position) + ": " + fact.error().message);
  return core::Event{stored.time, std::move(*fact)};
}

Result<std::vector<core::Event>> events_of(const std::vector<store::StoredEvent>& stored) {
  std::vector<core::Event> events;
  for (const auto& one : stored) {
    auto event = event_of(one);
    if (!event) return event.error();
    events.push_back(std::move(*event));
  }
  return events;
}

core::State fold(SagaId id, const std::vector<core::Event>& events) {
  core::State state;
  state.id = id;
  for (const auto& event : events) state = core::evolve(std::move(state), event);
  return state;
}

sagas::Catalog catalog_of(const std::vector<store::DefinitionRow>& rows) {
  sagas::Catalog catalog;
  for (const auto& row : rows) {
    // They were checked when they were put; warnings of then are no news.
    auto loaded = sagas::load_definition(row.source, row.name, nullptr);
    if (!loaded.definition) continue;
    loaded.definition->version = row.version;
    catalog.add(std::move(*loaded.definition), row.source, row.created_at);
  }
  return catalog;
}

}  // namespace skald::api
