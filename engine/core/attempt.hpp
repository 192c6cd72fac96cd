// attempt: what follows when one attempt of an action or an undo has failed: another one, or giving up.
#pragma once

#include "engine/core/answer.hpp"
#include "engine/core/story.hpp"

namespace skald::core {

// A call or a task that is under way for a saga.
struct Call {
  StepPath path;
  const Step& step;
  Operation operation;
  Attempts attempts;
  const Effort& effort() const { return operation == Operation::Action ? step.effort : step.undo->effort; }
};

// The call of a step with an operation under way; the definition knows that step.
Call call_of(const Definition& definition, const State& state, const StepPath& path);

// How many attempts have begun: the one under way counts, the one that waits for its time does not.
std::uint32_t attempts_made(const Attempts& attempts, Timestamp now);

void fail_attempt(Story& story, const Call& call, const answer::Failed& failure);
void fail_attempt(Story& story, const Call& call, const answer::Lost& failure);

// Accepted work is not done yet, or could not be asked for: that spends no attempt, since the work goes on
// unwatched.
void poll_later(Story& story, const Call& call, std::optional<Duration> retry_after);

// The total timeout of accepted work has passed while nothing was asked.
void give_up_polling(Story& story, const Call& call);
// When that is, for a call that is polled; none: never.
std::optional<Timestamp> polls_until(const State& state, const Call& call);

}  // namespace skald::core
