// LiveSaga: one saga in the memory of the lane that owns it. What it holds beside the state is lost by a
// crash without harm: it follows from the state anew.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/definition.hpp"
#include "engine/core/input.hpp"
#include "engine/core/plan.hpp"
#include "engine/core/state.hpp"
#include "engine/runtime/engine.hpp"
#include "engine/runtime/performances.hpp"
#include "engine/runtime/timers.hpp"

namespace skald::runtime {

// An input that came while an append was in flight, with whoever wants to know what became of it.
struct Pending {
  core::Input input;
  std::function<void(Result<void>)> done;  // empty: nobody
  std::uint64_t outcome_of = 0;            // ticket of the performance it reports; 0: it is no outcome
};

// Whether a saga has come as far as somebody waits for.
using Satisfied = std::function<bool(const core::Definition&, const core::State&)>;

// A request that is answered when the saga has come far enough, or when its patience ends.
struct Waiter {
  Satisfied satisfied;
  Timers::Id patience = 0;
  Done<Snapshot> done;
  std::uint64_t ticket = 0;
};

struct LiveSaga {
  SagaId id;
  std::shared_ptr<const core::Definition> definition;
  core::State state;
  Position position;
  std::string row_status;    // as the saga's row has it
  bool row_parked = false;   // the row says when it is due again: the saga may leave the memory until then
  bool row_unknown = false;  // loaded from the log: the next append writes the row in any case
  bool appending = false;    // one append at a time: inputs queue behind it
  std::deque<Pending> inbox;
  Performances outstanding;
  core::Replan replan{.everything = true};  // what perform() has to look at
  std::vector<std::uint64_t> due;           // tickets of calls whose time came while an append was in flight
  std::vector<Waiter> waiters;
  std::function<void(store::StartKeyTaken)> on_key_taken;  // while its start is being appended

  Snapshot snapshot() const { return {definition, state, position}; }
};

}  // namespace skald::runtime
