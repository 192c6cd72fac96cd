// ViewEvent: an event on its way into views, fresh from the lane that appended it or read from the log. What
// it holds is made readable only when a view asks for it.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "engine/core/event.hpp"
#include "eventstore/log.hpp"
#include "eventstore/view_table.hpp"

namespace skald::views {

// What one decision about one saga appended, in the words of the lane that did it.
struct CommittedEvents {
  SagaId saga;
  std::int32_t first_version = 0;
  Position last;  // of the last one; the others lie directly before it
  std::vector<core::Event> events;
};

class ViewEvent {
 public:
  explicit ViewEvent(store::StoredEvent stored);
  ViewEvent(SagaId saga, std::int32_t version, Position position, core::Event event);

  SagaId saga;
  std::int32_t version = 0;  // in its saga
  store::EventPlace place;
  std::string type;

  // An Error where the log holds what this program cannot read.
  Result<Json> payload() const;
  Result<core::Fact> fact() const;

 private:
  // As it was decided, or its JSON, which is read once.
  mutable std::variant<core::Fact, std::string, Json> content_;
};

// A batch shares them with the window, and each view with the others.
using ViewEventPtr = std::shared_ptr<const ViewEvent>;

std::vector<ViewEventPtr> view_events(CommittedEvents committed);
std::vector<ViewEventPtr> view_events(std::vector<store::StoredEvent> stored);

}  // namespace skald::views
