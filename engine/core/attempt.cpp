#include "engine/core/attempt.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/check.hpp"
#include "engine/core/failure.hpp"
#include "engine/core/path.hpp"
#include "engine/core/pivot.hpp"
#include "engine/core/polling.hpp"
#include "engine/core/retry.hpp"

namespace skald::core {
namespace {

// With the undo begun, an attempt of an action is the last one.
bool is_last(const Story& story, const Call& call) {
  return call.operation == Operation::Action && story.state().is_undoing();
}

void give_up(Story& story, const Call& call, GiveUp verdict, bool possibly_done) {
  const std::uint32_t attempts = call.attempts.current();
  if (call.operation == Operation::Compensate) return give_up_undo(story, call.path, attempts, verdict.error);
  const Reason reason = verdict.exhausted ? Reason::Exhausted : Reason::Refused;
  give_up_step(story, call.path, {std::move(verdict.error), reason, attempts, possibly_done});
}

void try_again(Story& story, const Call& call, const Trial& trial, const Problem& error, bool possibly_done,
               Timestamp at) {
  AttemptFailed failed{call.path, call.operation, call.attempts.current(), error, possibly_done, at};
  if (is_recorded(trial, call.attempts, failed)) return story.add(std::move(failed));
  Attempts after = call.attempts;
  after.failed = failed.attempt;
  after.last_error = error;
  after.last_possibly_done = possibly_done;
  after.next_at = at;
  after.location.clear();
  story.note_progress({call.path, call.operation, std::move(after)});
}

template <class Failure>
void fail(Story& story, const Call& call, const Failure& failure, bool possibly_done) {
  if (is_last(story, call)) return give_up(story, call, {failure.error, false}, possibly_done);
  const bool unknown_pivot = call.operation == Operation::Action && call.step.pivot &&
                             (possibly_done || is_unknown_pivot(call.step, story.state()));
  const Trial trial{call.effort(), call.attempts.current(), call.attempts.requested_at, unknown_pivot};
  Verdict verdict = judge(trial, failure, story.context());
  if (auto* given_up = std::get_if<GiveUp>(&verdict))
    give_up(story, call, std::move(*given_up), possibly_done);
  else
    try_again(story, call, trial, failure.error, possibly_done, std::get<TryAgain>(verdict).at);
}

}  // namespace

Call call_of(const Definition& definition, const State& state, const StepPath& path) {
  const Step* step = definition.find_step(id_of(path));
  const StepState* known = state.find_step(path);
  CHECK_THAT(step != nullptr && known != nullptr, "a step that is under way is one of its definition");
  return {path, *step, known->operation(), state.attempts_of(path)};
}

std::uint32_t attempts_made(const Attempts& attempts, Timestamp now) {
  const bool waits = !attempts.polling() && now < attempts.next_at;
  return waits ? attempts.failed : attempts.current();
}

void fail_attempt(Story& story, const Call& call, const answer::Failed& failure) {
  fail(story, call, failure, failure.possibly_done);
}

void fail_attempt(Story& story, const Call& call, const answer::Lost& failure) {
  fail(story, call, failure, true);
}

void poll_later(Story& story, const Call& call, std::optional<Duration> retry_after) {
  Attempts after = call.attempts;
  after.next_at = story.now() + poll_interval(story.now() - after.requested_at, retry_after);
  if (after == story.state().attempts_of(call.path)) return;
  story.note_progress({call.path, call.operation, std::move(after)});
}

std::optional<Timestamp> polls_until(const State& state, const Call& call) {
  if (!call.attempts.polling()) return std::nullopt;
  if (call.operation == Operation::Action && is_unknown_pivot(call.step, state)) return std::nullopt;
  return give_up_at(call.effort(), call.attempts.requested_at);
}

void give_up_polling(Story& story, const Call& call) {
  GiveUp verdict{out_of_time(call.effort(), call.attempts.current(), call.attempts.last_error), true};
  give_up(story, call, std::move(verdict), true);
}

}  // namespace skald::core
