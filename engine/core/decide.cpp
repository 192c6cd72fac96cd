#include "engine/core/decide.hpp"

#include "engine/core/advance.hpp"
#include "engine/core/cancel.hpp"
#include "engine/core/deadline.hpp"
#include "engine/core/reply.hpp"
#include "engine/core/start.hpp"
#include "engine/core/unstorable.hpp"

namespace skald::core {
namespace {

// Each kind of input has its rule.
struct Rules {
  Story& story;

  Result<void> operator()(const StartRequested& request) const { return start(story, request); }
  Result<void> operator()(const CancelRequested& request) const { return cancel(story, request); }
  Result<void> operator()(const CallAnswered& reply) const {
    take_reply(story, reply);
    return {};
  }
  Result<void> operator()(const CallFailed& reply) const {
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
                        Context context) {
  Story story(definition, state, context);
  const Result<void> taken = std::visit(Rules{story}, input);
  if (!taken) return taken.error();
  advance(story);
  return std::move(story).told();
}

}  // namespace skald::core
