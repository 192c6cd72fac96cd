// decide: the rules of Skald (semantics.md), as one pure function from a state and an input to events.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/definition.hpp"
#include "engine/core/event.hpp"
#include "engine/core/input.hpp"
#include "engine/core/state.hpp"

namespace skald::core {

// The only time and chance there is; what they produced is written into events.
struct Context {
  Timestamp now;
  std::uint64_t random = 0;
  std::uint16_t partitions = 1;  // of the log: a child's id says in which one it is
  // The business key that a definition gives an input; none: it declares none. Empty: nobody knows other
  // definitions.
  std::function<Result<std::optional<std::string>>(const std::string& definition, const Json& input)>
      key_of_child;
};

struct Decision {
  std::vector<Event> events;         // to be appended together, then folded in
  std::optional<Progress> progress;  // to be noted in the live state, after the events where there are any
  State after;                       // the state with all of it folded in
};

// What the input means under the definition the saga began with. A duplicate, or a reply that nobody awaits
// any more, gives no events. An Error (Conflict, with the reason) refuses the input: nothing happened.
Result<Decision> decide(const Definition& definition, const State& state, const Input& input,
                        const Context& context);

}  // namespace skald::core
