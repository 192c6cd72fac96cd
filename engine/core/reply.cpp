#include "engine/core/reply.hpp"

#include <algorithm>
#include <utility>

#include "engine/core/attempt.hpp"
#include "engine/core/failure.hpp"
#include "engine/core/render.hpp"
#include "engine/core/response.hpp"

namespace skald::core {
namespace {

// The call that the reply belongs to, if its operation is still under way.
template <class Reply>
std::optional<Call> find_call(const Story& story, const Reply& reply) {
  if (!story.state().open.contains(reply.step)) return std::nullopt;
  Call call = call_of(story.definition(), story.state(), reply.step);
  if (call.operation != reply.operation || reply.attempt > call.attempts.current()) return std::nullopt;
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

// The step's output, or why the answer cannot be used.
boost::system::result<Json, Problem> output_of(const Story& story, const Step& step, const Answer& answer) {
  auto body = body_of(answer);
  if (!body) {
    Problem error = make_problem(problem_type::kInvalidAnswer, "the body: " + body.error().message);
    error.status = answer.status;
    return error;
  }
  if (!step.output) return std::move(*body);
  Json::Object root = scope(story.definition(), story.state()).as_object();
  root.set("response", response_value(answer, std::move(*body)));
  auto output = step.output->evaluate(root);
  if (!output) return make_problem(problem_type::kExpression, "output: " + output.error().message);
  return std::move(*output);
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
    auto output = output_of(story, call.step, *answer);
    if (output) return story.add(StepSucceeded{call.step.id, attempts(), std::move(*output)});
    give_up_step(story, call.step, {std::move(output.error()), Reason::Unusable, attempts(), true});
  }
  void operator()(const answer::Accepted& accepted) const {
    // With the undo begun nobody waits for work that has only been accepted: it is possibly done.
    const State& state = story.state();
    if (call.operation == Operation::Action && state.phase != Phase::Forward)
      return give_up_step(story, call.step, {*state.error, Reason::Refused, attempts(), true});
    story.add(StepAccepted{call.step.id, call.operation, accepted.location});
    // The event keeps neither Retry-After nor attempts that were not recorded; the live state does.
    Call polled = call;
    polled.attempts.location = accepted.location;
    poll_later(story, polled, accepted.retry_after);
  }
  void operator()(const answer::Working& working) const { poll_later(story, call, working.retry_after); }
  void operator()(const answer::Refused& refused) const {
    if (call.operation == Operation::Compensate)
      return give_up_undo(story, call.step.id, attempts(), refused.error);
    give_up_step(story, call.step, {refused.error, Reason::Refused, attempts(), sent_before});
  }
  void operator()(answer::Failed failed) const {
    if (poll) return poll_later(story, call, failed.retry_after);
    failed.possibly_done |= sent_before;
    fail_attempt(story, call, failed);
  }
  void operator()(const answer::Lost& lost) const { fail_attempt(story, call, lost); }

 private:
  std::uint32_t attempts() const { return attempts_made(call.attempts, story.now()); }

  // Whatever the body: an undo has no output that anything depends on.
  void undone() const {
    const bool succeeded = story.state().find_step(call.step.id)->forward == Forward::Succeeded;
    const auto body = body_of(*answer);
    story.add(StepCompensated{call.step.id, attempts(), body ? *body : Json(), succeeded, answer->status});
  }
};

const std::string& service_of(const Call& call) {
  if (call.operation == Operation::Compensate) return std::get<HttpAction>(call.step.undo->action).service;
  return std::get<HttpAction>(std::get<Action>(call.step.kind)).service;
}

}  // namespace

void take_reply(Story& story, const CallAnswered& reply) {
  const auto call = find_call(story, reply);
  if (!call) return;
  const auto meaning = answer::meaning_of(reply, service_of(*call), story.now());
  if (is_taken(reply, *call, meaning)) std::visit(Taking{story, *call, &reply.answer, reply.poll, reply.sent_before}, meaning);
}

void take_reply(Story& story, const CallFailed& reply) {
  const auto call = find_call(story, reply);
  if (!call) return;
  const auto meaning = answer::meaning_of(reply, service_of(*call));
  if (is_taken(reply, *call, meaning)) std::visit(Taking{story, *call, nullptr, reply.poll, reply.sent_before}, meaning);
}

}  // namespace skald::core
