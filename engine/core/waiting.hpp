// waiting: steps that wait for an event or a time, and the events that are kept for them (semantics.md
// section 4).
#pragma once

#include <cstddef>
#include <string_view>

#include "engine/core/story.hpp"

namespace skald::core {

// Of a saga, as long as no step takes them. Above it an event is refused for now.
inline constexpr std::size_t kMostKeptEvents = 1'000;

void begin_wait(Story& story, const StepPath& path, const WaitFor& wait);
void begin_wait(Story& story, const StepPath& path, const Wait& wait);
// The step cannot go on by itself; told once.
void wait_for(Story& story, const StepPath& path, std::string_view reason);
// A step that waits goes on, if its time has come.
void end_wait(Story& story, const StepPath& path);

// An event has come for this saga.
Result<void> take_event(Story& story, const EventArrived& event);
// What was kept while nothing could go on is given to the steps that wait for it.
void hand_out_kept_events(Story& story);

}  // namespace skald::core
