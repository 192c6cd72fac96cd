// comparable: what counts as the same when a saga is told again (retelling.hpp): which fields of two events
// matter, and whether two definitions ask for the same.
#pragma once

#include <string>

#include "engine/core/definition.hpp"
#include "engine/core/event.hpp"
#include "engine/core/state.hpp"

namespace skald::core {

// Does not matter: times (when, until when, when again), the ids of children, the words of errors (their
// type, step, event and by do matter), and the hash of the definition where the definitions are two.
bool is_same(const Event& a, const Event& b, bool same_definition);

// What of an event tells it from its neighbours: "StepRequested qualify, POST qualification /checks".
std::string shown(const Event& event);

// In what the two events differ: "request.path: /a instead of /b".
std::string difference_of(const Event& recorded, const Event& expected, bool same_definition);

// In what the requests of that step differ, as far as no event tells: query, headers, body, input of a child.
// Empty: in nothing. Both definitions have that step with the same kind.
std::string difference_of_requests(const Definition& own, const Definition& changed, const State& state,
                                   const StepPath& step, Operation operation);

}  // namespace skald::core
