// ServiceModel: a well-behaved service that fails in every way services fail. It is idempotent by key as
// semantics.md section 2 asks: an action that was undone has no effect any more and is answered 409, an undo
// of what it never saw is answered 404 and remembered. What it did is known for certain, whatever it
// answered.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/base/random.hpp"
#include "engine/core/command.hpp"
#include "engine/core/input.hpp"

namespace skald::core::testing {

class ServiceModel {
 public:
  explicit ServiceModel(Random& random) : random_(random) {}

  // From here on every call does its work and is answered well.
  void behave() { behaves_ = true; }
  bool behaves() const { return behaves_; }

  Input answer(const CallService& call);
  Input answer(const PollLocation& poll);
  // What is still on its way is done now, unless it was undone meanwhile.
  void do_delayed_work();

  // Whether the effect of the step's action stands.
  bool stands(const StepPath& step) const;

 private:
  struct Effect {
    bool done = false;
    bool undone = false;
    bool delayed = false;  // a request that has not arrived yet, or work that was only accepted
    bool stands() const { return done && !undone; }
  };

  Input act(const CallService& call, Effect& effect);
  Input undo(const CallService& call, Effect& effect);

  Random& random_;
  bool behaves_ = false;
  std::map<StepPath, Effect> effects_;
};

}  // namespace skald::core::testing
