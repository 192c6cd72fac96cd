#include "projections/view_event.hpp"

#include "engine/core/event_codec.hpp"

namespace skald::views {

ViewEvent::ViewEvent(store::StoredEvent stored)
    : saga(stored.saga),
      version(stored.version),
      place{stored.time, stored.position},
      type(std::move(stored.type)),
      content_(std::move(stored.payload)) {}

ViewEvent::ViewEvent(SagaId saga, std::int32_t version, Position position, core::Event event)
    : saga(saga),
      version(version),
      place{event.time, position},
      type(core::type_name(event.fact)),
      content_(std::move(event.fact)) {}

Result<Json> ViewEvent::payload() const {
  if (const auto* fact = std::get_if<core::Fact>(&content_)) return core::payload_of(*fact);
  if (const auto* json = std::get_if<Json>(&content_)) return *json;
  auto json = parse_json(std::get<std::string>(content_));
  if (json) content_ = *json;
  return json;
}

Result<core::Fact> ViewEvent::fact() const {
  if (const auto* fact = std::get_if<core::Fact>(&content_)) return *fact;
  const auto json = payload();
  if (!json) return json.error();
  return core::fact_from(type, *json);
}

std::vector<ViewEventPtr> view_events(CommittedEvents committed) {
  std::vector<ViewEventPtr> events;
  events.reserve(committed.events.size());
  Position position = committed.last;
  position.number -= static_cast<std::int64_t>(committed.events.size());
  std::int32_t version = committed.first_version;
  for (core::Event& event : committed.events) {
    ++position.number;
    events.push_back(
        std::make_shared<const ViewEvent>(committed.saga, version++, position, std::move(event)));
  }
  return events;
}

std::vector<ViewEventPtr> view_events(std::vector<store::StoredEvent> stored) {
  std::vector<ViewEventPtr> events;
  events.reserve(stored.size());
  for (auto& event : stored) events.push_back(std::make_shared<const ViewEvent>(std::move(event)));
  return events;
}

}  // namespace skald::views
