// recorded_cause: which inputs may have led to a recorded event. The log keeps what inputs led to, not the
// inputs; most events have one possible cause, some a few, and whoever asks tries them one after the other.
#pragma once

#include <span>
#include <variant>
#include <vector>

#include "engine/core/definition.hpp"
#include "engine/core/outcome.hpp"

namespace skald::core {

// A cause with everything that decide() needs beside the definition.
struct RecordedCause {
  std::variant<Input, Outcome> what;
  State before;  // with the progress that was not recorded, as far as the events to come tell of it
  Context context;
  // What the event that came said is unknown, so no condition over it can be tried.
  bool fits_unseen = false;
};

// The definition may be another one than the saga's own: `own` is that of the record.
struct Telling {
  const Definition& definition;
  const Definition& own;
  bool is_own() const { return &definition == &own; }
};

// `rest`: the recorded events from here on, at least one; the first is the first that its cause led to.
std::vector<RecordedCause> recorded_causes(const Telling& telling, const State& state,
                                           std::span<const Event> rest);

}  // namespace skald::core
