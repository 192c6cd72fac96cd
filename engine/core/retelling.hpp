// retelling: tells a recorded saga again, by the rules and a definition, from what the log kept of its
// inputs, and finds the first event that would have been another one. Under the saga's own definition a
// difference means that the log is not what the rules make; under a changed one, that the saga would have
// taken another way. `skald replay verify` and `skald replay check` are this.
//
// From each state, every input that may have led to the next event is decided again, and what the decision
// writes is held against what was recorded, all of it. What the log does not keep is taken from it: outputs
// that came of answers, how long a service asked to wait, the chance of a backoff.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/definition.hpp"
#include "engine/core/event.hpp"
#include "engine/core/state.hpp"

namespace skald::core {

struct Difference {
  std::int32_t event = 0;           // number of the first event that would be another one
  Phase phase = Phase::NotStarted;  // in which the saga was before it
  std::string recorded;             // in short: "StepRequested qualify, POST …"; "nothing" behind the last
  std::string expected;             // what it would be; "nothing" where nothing would follow
  std::string why;                  // a sentence
};

// The first event that the rules would not have written. `events` is the whole story so far, from the first.
std::optional<Difference> retell(const Definition& own, SagaId id, const std::vector<Event>& events);

// The first one that a saga would not have had, had it begun with `changed`. `own` is what it began with.
std::optional<Difference> retell_changed(const Definition& changed, const Definition& own, SagaId id,
                                         const std::vector<Event>& events);

}  // namespace skald::core
