#include "engine/core/reply.hpp"

#include <algorithm>
#include <utility>

#include "engine/core/attempt.hpp"
#include "engine/core/begin.hpp"
#include "engine/core/compensation.hpp"
#include "engine/core/failure.hpp"
#include "engine/core/render.hpp"
#include "engine/core/response.hpp"
#include "engine/core/start_answer.hpp"

namespace skald::core {
namespace {

constexpr const char* kTooLate = "nobody waits for this task any more: its word does not count";

// The call that the reply belongs to, if its operation is still under way.
template <class Reply>
std::optional<Call> find_call(const Story& story, const Reply& reply) {
  if (!story.state().open.contains(reply.step)) return std::nullopt;
  Call call = call_of(story.definition(), story.state(), reply.step);
  if (call.operation != reply.operation) return std::nullopt;
  if constexpr (requires { reply.attempt; })
    if (reply.attempt > call.attempts.current()) return std::nullopt;
  return call;
}

// An answer to an earlier attempt decides the step too where it is definite, since all attempts carry one
// key.
template <class Reply>
bool is_taken(const Reply& reply, const Call& call, const answer::Meaning& meaning) {
  const bool awaited = reply.attempt == call.attempts.current() && reply.poll == call.attempts.polling();
  const bool definite =
      std::holds_alternative<answer::Done>(meaning) || std::holds_alternative<answer::Refused>(meaning);
  return awaited || definite;
}

// Whether the request that started the saga is answered after this step or a later one, and has not been yet.
bool is_before_answer(const Story& story, const Step& step) {
  const Definition& definition = story.definition();
  if (!definition.answer_after || start_answer(definition, story.state())) return false;
  return definition.index_of(step) <= *definition.answer_after;
}

// What each meaning does to the call. `answer` is null where there was none.
struct Taking {
  Story& story;
  const Call& call;
  const Answer* answer;
  bool poll;
  bool sent_before;  // what became of that first sending is unknown

  void operator()(const answer::Done&) const {
    if (call.operation == Operation::Compensate) return undone();
    auto body = body_of(*answer);
    if (!body)
      return give_up_step(story, call.path, {unusable(body.error()), Reason::Unusable, attempts(), true});
    const auto response = [this](Json output) { return response_value(*answer, std::move(output)); };
    finish_step(story, call.path, std::move(*body), {attempts(), "response", response});
  }
  void operator()(const answer::Accepted& accepted) const {
    // With the undo begun nobody waits for work that has only been accepted: it is possibly done.
    const State& state = story.state();
    if (call.operation == Operation::Action && state.is_undoing())
      return give_up_step(story, call.path, {*state.error, Reason::Refused, attempts(), true});
    story.add(StepAccepted{call.path, call.operation, accepted.location});
    // The event keeps neither Retry-After nor attempts that were not recorded; the live state does.
    Call polled = call;
    polled.attempts.location = accepted.location;
    poll_later(story, polled, accepted.retry_after);
  }
  void operator()(const answer::Working& working) const { poll_later(story, call, working.retry_after); }
  void operator()(const answer::Refused& refused) const {
    if (call.operation == Operation::Compensate)
      return give_up_undo(story, call.path, attempts(), refused.error);
    give_up_step(story, call.path, {refused.error, Reason::Refused, attempts(), sent_before});
  }
  void operator()(answer::Failed failed) const {
    if (poll) return poll_later(story, call, failed.retry_after);
    failed.possibly_done |= sent_before;
    fail_attempt(story, call, failed);
  }
  void operator()(const answer::Lost& lost) const { fail_attempt(story, call, lost); }

 private:
  std::uint32_t attempts() const { return attempts_made(call.attempts, story.now()); }

  Problem unusable(const Error& why) const {
    Problem error = make_problem(problem_type::kInvalidAnswer, "the body: " + why.message);
    error.status = answer->status;
    return error;
  }

  // Whatever the body: an undo has no output that anything depends on.
  void undone() const {
    const auto body = body_of(*answer);
    const bool by_worker = !story.state().find_step(call.path)->undo_request.queue.empty();
    const auto status = by_worker ? std::nullopt : std::optional(answer->status);
    finish_undo(story, call.path, attempts(), body ? *body : Json(), status);
  }
};

// The same with what the log kept instead of the answer itself.
struct Retaking {
  Story& story;
  const Call& call;
  bool sent_before;

  void operator()(const Outcome::Done& done) const {
    if (call.operation == Operation::Action)
      return story.add(StepSucceeded{call.path, attempts(), done.output, std::nullopt});
    finish_undo(story, call.path, attempts(), done.output, done.status);
  }
  void operator()(const Outcome::Unusable& unusable) const {
    give_up_step(story, call.path, {unusable.error, Reason::Unusable, attempts(), true});
  }
  void operator()(const auto& meaning) const { Taking{story, call, nullptr, false, sent_before}(meaning); }

 private:
  std::uint32_t attempts() const { return attempts_made(call.attempts, story.now()); }
};

// Who is asked, for the texts.
std::string service_of(const Story& story, const Call& call) {
  const Action& action = action_of(story.definition(), call.path, call.operation);
  if (const auto* http = std::get_if<HttpAction>(&action)) return http->service;
  return "the worker";
}

template <class Reply>
void take(Story& story, const Reply& reply, const Answer* answer, const Call& call,
          const answer::Meaning& meaning) {
  if (is_taken(reply, call, meaning))
    std::visit(Taking{story, call, answer, reply.poll, reply.sent_before}, meaning);
}

// Whether the word of a worker still counts: of the attempt it was given, or a definite one.
template <class Report>
std::optional<Call> find_task(const Story& story, const Report& report) {
  auto call = find_call(story, report);
  if (!call ||
      !std::holds_alternative<TaskAction>(action_of(story.definition(), call->path, call->operation)))
    return std::nullopt;
  return call;
}

}  // namespace

void take_reply(Story& story, const CallAnswered& reply) {
  const auto call = find_call(story, reply);
  if (!call) return;
  take(story, reply, &reply.answer, *call, answer::meaning_of(reply, service_of(story, *call), story.now()));
}

void take_reply(Story& story, const CallFailed& reply) {
  const auto call = find_call(story, reply);
  if (!call) return;
  take(story, reply, nullptr, *call, answer::meaning_of(reply, service_of(story, *call)));
}

// A worker's word is an answer in JSON.
Result<void> take_word(Story& story, const TaskDone& done) {
  const auto call = find_task(story, done);
  if (!call) return conflict(kTooLate);
  const Answer answer{
      200, {{"content-type", "application/json"}}, done.output.is_null() ? "" : done.output.dump()};
  Taking{story, *call, &answer, false, false}(answer::Done{});
  return {};
}

Result<void> take_word(Story& story, const TaskRefused& refused) {
  const auto call = find_task(story, refused);
  if (!call) return conflict(kTooLate);
  const Taking taking{story, *call, nullptr, false, refused.sent_before};
  if (!refused.retryable)
    taking(answer::Refused{refused.error});
  else if (refused.attempt == call->attempts.current())
    taking(answer::Failed{refused.error, true, std::nullopt, refused.error.type});
  return {};
}

// The attempt has not been made, so nothing is spent. Where a client waits for the answer, it gets one
// instead.
void take_reply(Story& story, const CircuitOpened& opened) {
  const auto call = find_call(story, opened);
  if (!call) return;
  const StepState& step = *story.state().find_step(call->path);
  if (call->operation == Operation::Action && is_before_answer(story, call->step)) {
    const std::string detail = service_of(story, *call) + " is kept from further calls";
    return give_up_step(story, call->path,
                        {make_problem(problem_type::kCircuitOpen, detail), Reason::Refused,
                         call->attempts.failed, call->attempts.polling() || opened.sent_before});
  }
  if (step.waiting != "circuit-open") story.add(StepWaiting{call->path, "circuit-open", opened.until});
}

void take_outcome(Story& story, const Outcome& outcome) {
  const auto call = find_call(story, outcome);
  if (call) std::visit(Retaking{story, *call, outcome.sent_before}, outcome.what);
}

}  // namespace skald::core
