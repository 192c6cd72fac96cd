#include "projections/shown_event.hpp"

#include "projections/view_scope.hpp"

namespace skald::views {

Result<Occurrence> ShownEvent::occurrence() {
  if (!payload_) payload_.emplace(event_.payload());
  if (!*payload_) return payload_->error();
  Occurrence shown{event_.saga, event_.type, **payload_, event_.place};
  if (seen_) {
    shown.state = &seen_->state;
    shown.definition = seen_->definition.get();
  }
  if (!scope_) scope_.emplace(view_scope(reads_, shown));
  shown.scope = &*scope_;
  return shown;
}

}  // namespace skald::views
