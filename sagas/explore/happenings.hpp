// happenings: what can happen next to a saga in a state: every answer to what is outstanding, the passing of
// time, a cancel. Words are the reader's: "reserve: refused".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/input.hpp"
#include "engine/core/state.hpp"
#include "sagas/explore/samples.hpp"

namespace skald::sagas {

struct Happening {
  enum class Kind {
    Answer,    // to something that is outstanding
    Time,      // a wait is over
    Event,     // happens only if a step takes it
    Deadline,  // of the saga as a whole; from here on it is not the saga that goes on by itself
    Cancel,    // may be refused, and then does not happen
    CancelOn   // an event; happens only if it cancels where nothing else would
  };
  Kind kind = Kind::Answer;
  std::string words;  // empty: not worth telling
  bool trouble = false;
  std::optional<core::Input> input;  // none: only the time changes
  Timestamp now;
};

// In a fixed order. Nothing: the saga has ended, or it waits for somebody whom nobody can make up.
std::vector<Happening> happenings(const core::Definition& definition, const Samples& samples,
                                  const core::State& state, Timestamp now);

}  // namespace skald::sagas
