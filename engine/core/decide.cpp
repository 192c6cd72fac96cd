#include "engine/core/decide.hpp"

#include "engine/core/advance.hpp"
#include "engine/core/cancel.hpp"
#include "engine/core/child.hpp"
#include "engine/core/deadline.hpp"
#include "engine/core/operator.hpp"
#include "engine/core/outcome.hpp"
#include "engine/core/reply.hpp"
#include "engine/core/start.hpp"
#include "engine/core/unstorable.hpp"
#include "engine/core/waiting.hpp"

namespace skald::core {
namespace {

// Each kind of input has its rule.
struct Rules {
  Story& story;

  Result<void> operator()(const StartRequested& request) const { return start(story, request); }
  Result<void> operator()(const CancelRequested& request) const { return cancel(story, request); }
  Result<void> operator()(const EventArrived& event) const { return take_event(story, event); }
  Result<void> operator()(const OperatorRetry& asked) const { return retry(story, asked); }
  Result<void> operator()(const OperatorSkip& asked) const { return skip(story, asked); }
  Result<void> operator()(const OperatorUndo& asked) const { return undo(story, asked); }
  Result<void> operator()(const OperatorPause& asked) const { return pause(story, asked); }
  Result<void> operator()(const OperatorResume& asked) const { return resume(story, asked); }
  Result<void> operator()(const OperatorTerminate& asked) const { return terminate(story, asked); }
  Result<void> operator()(const ChildEnded& child) const {
    take_end_of_child(story, child);
    return {};
  }
  Result<void> operator()(const EventDelivered& delivery) const {
    take_delivery(story, delivery);
    return {};
  }
  Result<void> operator()(const TaskDone& done) const { return take_word(story, done); }
  Result<void> operator()(const TaskRefused& refused) const { return take_word(story, refused); }
  // From services.
  Result<void> operator()(const auto& reply) const {
    take_reply(story, reply);
    return {};
  }
  Result<void> operator()(const TimePassed&) const {
    pass_time(story);
    return {};
  }
  Result<void> operator()(const AppendRefused& refusal) const {
    get_stuck_unstorable(story, refusal);
    return {};
  }
};

}  // namespace

Result<Decision> decide(const Definition& definition, const State& state, const Input& input,
                        const Context& context) {
  Story story(definition, state, context);
  const Result<void> taken = std::visit(Rules{story}, input);
  if (!taken) return taken.error();
  advance(story);
  return std::move(story).told();
}

Decision decide_again(const Definition& definition, const State& state, const Outcome& outcome,
                      const Context& context) {
  Story story(definition, state, context);
  take_outcome(story, outcome);
  advance(story);
  return std::move(story).told();
}

}  // namespace skald::core
