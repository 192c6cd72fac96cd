// failure: what follows when something is given up: the undo, a person's decision, or going on without it.
#pragma once

#include "engine/core/story.hpp"

namespace skald::core {

enum class Reason {
  Refused,    // certain; also an error that is not retried
  Exhausted,  // attempts or time are used up
  Unusable    // done, but its answer cannot be used
};

struct GivenUp {
  Problem error;
  Reason reason = Reason::Refused;
  std::uint32_t attempts = 0;
  bool possibly_done = false;
};

// Forwards. While an undo has begun, or a person has to decide already, only the fact is recorded.
void give_up_step(Story& story, const StepPath& path, GivenUp given_up);
// The same of an expression that failed before anything left.
void give_up_unasked(Story& story, const StepPath& path, const Error& error);
// What follows from a step that failed earlier, while nothing could follow.
void follow_failure(Story& story, const StepPath& path);
// Backwards; the error is told as "compensation-failed".
void give_up_undo(Story& story, const StepPath& step, std::uint32_t attempts, const Problem& error);
// The saga as a whole fails: of a step, or of its own output (`step` is empty).
void fail_saga(Story& story, Problem error);

// The undo begins: from here on nothing new is asked for. What waits (for its next attempt, a poll, an event,
// a time) is given up, and so are containers; the answer of an attempt in flight is still awaited.
void start_undo(Story& story, Problem cause, std::string by);

}  // namespace skald::core
