// ToldSaga: one saga driven by hand, as the shell drives it, without a shell. After every single event it
// holds the state folded from encoded and decoded events against the live one, and the plans of both; after
// every decision, what Replan says to look at against the whole plan.
// Scenarios and the property test tell their sagas through it.
#pragma once

#include <map>
#include <vector>

#include "engine/core/decide.hpp"
#include "engine/core/event_codec.hpp"
#include "engine/core/evolve.hpp"
#include "engine/core/plan.hpp"

namespace skald::core::testing {

class ToldSaga {
 public:
  explicit ToldSaga(const Definition& definition);

  // The decision, after its events and its progress were taken in.
  Result<Decision> take(const Input& input, const Context& context);
  // Goes on from the fold of the log alone, as after a crash.
  void crash();

  const Definition& definition() const { return definition_; }
  const State& state() const { return live_; }
  const std::vector<Event>& log() const { return log_; }
  std::vector<Command> outstanding() const { return plan(definition_, live_); }

 private:
  void append(const Event& event);
  void look_again(const StepPath& step);
  void check_replan(const Decision& decision);

  const Definition& definition_;
  State live_;
  State folded_;
  std::vector<Event> log_;
  std::map<StepPath, Command> known_;  // the plan, as Replan keeps it
};

}  // namespace skald::core::testing
