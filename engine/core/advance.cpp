#include "engine/core/advance.hpp"

#include "engine/core/compensation.hpp"
#include "engine/core/sequence.hpp"
#include "engine/core/waiting.hpp"

namespace skald::core {
namespace {

bool may_go_forward(const Story& story) {
  return story.state().phase == Phase::Forward && !story.state().is_held();
}

void go_forward(Story& story) {
  if (story.looks_everywhere()) {
    hand_out_kept_events(story);
    story.forget_through();
    if (may_go_forward(story)) go_on_everywhere(story);
  }
  while (may_go_forward(story)) {
    const auto path = story.next_through();
    if (!path) return;
    go_on_after(story, *path);
  }
}

}  // namespace

// Each turn adds an event: it opens a step, closes one, begins the undo or ends the saga. So it comes to an
// end.
void advance(Story& story) {
  if (may_go_forward(story)) go_forward(story);
  while (story.state().phase == Phase::Compensating && !story.state().is_held()) {
    const std::int32_t before = story.state().version;
    go_back(story);
    if (story.state().version == before) return;
  }
}

}  // namespace skald::core
