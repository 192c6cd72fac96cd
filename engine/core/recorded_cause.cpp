#include "engine/core/recorded_cause.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "engine/core/attempt.hpp"
#include "engine/core/evolve.hpp"
#include "engine/core/path.hpp"
#include "engine/core/pivot.hpp"
#include "engine/core/retry.hpp"

namespace skald::core {
namespace {

constexpr std::uint64_t kShortestWait = 0;  // of all that chance may give a backoff …
constexpr std::uint64_t kLongestWait = ~std::uint64_t{0};

bool is_4xx(const Problem& error) {
  return error.status && *error.status >= 400 && *error.status <= 499;
}

const Action* action_in(const Definition& definition, const StepPath& path, Operation operation) {
  const Step* step = definition.find_step(id_of(path));
  if (!step) return nullptr;
  if (operation == Operation::Action) return std::get_if<Action>(&step->kind);
  return step->undo ? &step->undo->action : nullptr;
}

// Whether so many attempts may have failed of which the log knows only some.
bool may_have_failed(const Telling& telling, const State& state, const Call& call, std::uint32_t failed) {
  const bool unknown_pivot = call.operation == Operation::Action && is_unknown_pivot(call.step, state);
  const std::uint32_t limit = unknown_pivot ? 0 : call.effort().retry.maximum_attempts;
  // Which failures are worth an event depends on the limit: another definition may have another.
  if (!telling.is_own()) return limit == 0 || failed < limit;
  for (std::uint32_t attempt = call.attempts.failed + 1; attempt <= failed; ++attempt) {
    const Trial trial{call.effort(), attempt, call.attempts.requested_at, unknown_pivot};
    const AttemptFailed skipped{call.path,
                                call.operation,
                                attempt,
                                call.attempts.last_error.value_or(Problem{}),
                                call.attempts.last_possibly_done,
                                Timestamp{}};
    if (is_recorded(trial, call.attempts, skipped)) return false;
  }
  return true;
}

// The call of an operation under way; none: there is no such one.
std::optional<Call> call_under_way(const Definition& definition, const State& state, const StepPath& path,
                                   Operation operation) {
  if (!state.open.contains(path) || !action_in(definition, path, operation)) return std::nullopt;
  Call call = call_of(definition, state, path);
  return call.operation == operation ? std::optional<Call>(std::move(call)) : std::nullopt;
}

// Takes note of attempts that failed without an event, where the state knows of fewer.
State with_failed(const Telling& telling, State state, const StepPath& path, Operation operation,
                  std::uint32_t failed, Timestamp next_at) {
  const auto call = call_under_way(telling.definition, state, path, operation);
  if (!call || failed <= call->attempts.failed || !may_have_failed(telling, state, *call, failed))
    return state;
  Progress progress{path, operation, call->attempts};
  progress.attempts.failed = failed;
  progress.attempts.next_at = next_at;
  return note(std::move(state), progress);
}

// What the events of one decision tell of attempts before it.
struct Progressed {
  const Telling& telling;
  State state;
  Timestamp now;
  bool undo_has_begun = false;

  void operator()(const AttemptFailed& e) { under_way(e.step, e.operation, e.attempt); }
  void operator()(const StepSucceeded& e) { under_way(e.step, Operation::Action, e.attempts); }
  void operator()(const StepCompensated& e) { under_way(e.step, Operation::Compensate, e.attempts); }
  void operator()(const CompensationFailed& e) { under_way(e.step, Operation::Compensate, e.attempts); }
  void operator()(const CompensationStarted&) { undo_has_begun = true; }
  void operator()(const StepFailed& e) {
    const auto call = call_under_way(telling.definition, state, e.step, Operation::Action);
    if (!undo_has_begun || (call && call->attempts.polling()))
      return under_way(e.step, Operation::Action, e.attempts);
    // What the undo gives up at once was waiting for its next attempt.
    state = with_failed(telling, std::move(state), e.step, Operation::Action, e.attempts,
                        now + Duration(std::chrono::seconds(1)));
  }
  void operator()(const RetryRequested& e) {
    const auto call = call_under_way(telling.definition, state, e.step, Operation::Action);
    const auto undo = call ? call : call_under_way(telling.definition, state, e.step, Operation::Compensate);
    if (!undo || undo->attempts.failed == 0 || undo->attempts.next_at > now) return;
    state = with_failed(telling, std::move(state), e.step, undo->operation, undo->attempts.failed + 1,
                        now + Duration(std::chrono::seconds(1)));
  }
  void operator()(const StepSkipped& e) {
    if (e.reason == "operator") (*this)(RetryRequested{e.step, "", ""});
  }
  void operator()(const auto&) {}

 private:
  void under_way(const StepPath& path, Operation operation, std::uint32_t attempt) {
    if (attempt > 1) state = with_failed(telling, std::move(state), path, operation, attempt - 1, now);
  }
};

// A child's key comes from another definition, which may have failed to give one: then a step was given up
// for an expression, and no child was asked for. Under a changed definition other children are asked for too.
auto keys_of_children(bool is_own, std::span<const Event> rest) {
  std::map<std::string, std::string> keys;
  bool failed = false;
  for (const Event& event : rest) {
    if (event.time != rest.front().time) break;
    if (const auto* step = std::get_if<StepFailed>(&event.fact))
      failed = failed || step->error.type == problem_type::kExpression;
    if (const auto* undo = std::get_if<CompensationFailed>(&event.fact))
      failed = failed || undo->attempts == 0;
    const auto* action = std::get_if<StepRequested>(&event.fact);
    const auto* undo = std::get_if<CompensationRequested>(&event.fact);
    if (!action && !undo) continue;
    const RequestSummary& request = action ? action->request : undo->request;
    if (request.child) keys[request.definition] = request.key;
  }
  return [fails = is_own && failed, keys = std::move(keys)](
             const std::string& definition, const Json&) -> Result<std::optional<std::string>> {
    const auto found = keys.find(definition);
    if (found == keys.end() && fails) return invalid("no child of that name was asked for");
    if (found == keys.end() || found->second.empty()) return std::optional<std::string>();
    return std::optional(found->second);
  };
}

// The causes of one recorded event, the likeliest first.
class Causes {
 public:
  Causes(const Telling& telling, const State& recorded, std::span<const Event> rest)
      : telling_(telling), recorded_(recorded), rest_(rest), now_(rest.front().time) {
    Progressed progressed{telling, recorded, now_};
    for (const Event& event : rest) {
      if (event.time != now_) break;
      std::visit(progressed, event.fact);
    }
    state_ = std::move(progressed.state);
    context_ = {now_, kShortestWait, 1, keys_of_children(telling.is_own(), rest)};
  }

  void operator()(const SagaStarted& e) {
    StartRequested start{e.input, e.business_key, e.start_key, e.request_hash, e.by, e.parent, e.cause};
    add(start);
    const auto* ended = rest_.size() > 1 ? std::get_if<SagaEnded>(&rest_[1].fact) : nullptr;
    if (!ended || !ended->error || ended->error->type != problem_type::kInvalidInput) return;
    start.refusal = ended->error;
    add(start);
  }
  void operator()(const StepAccepted& e) {
    add_outcome(e.step, e.operation, answer::Accepted{e.location, {}});
  }
  void operator()(const StepWaiting& e) {
    for (const Operation operation : {Operation::Action, Operation::Compensate})
      if (e.until) add(CircuitOpened{e.step, operation, *e.until, false});
  }
  void operator()(const AttemptFailed& e) {
    // Its service may have asked for just that wait.
    const Duration wait = e.retry_at - now_;
    add_outcome(e.step, e.operation, answer::Failed{e.error, e.possibly_done, wait, ""});
    add_loss(e.step, e.operation, e.error);
  }
  void operator()(const StepSucceeded& e) {
    if (is_call(e.step)) return add_outcome(e.step, Operation::Action, Outcome::Done{e.output, {}});
    add_end_of_child(e.step, Operation::Action, "completed", e.output, {});
    add_delivery(e.step, Operation::Action, e.output);
    add(TimePassed{});
  }
  void operator()(const StepFailed& e) {
    if (e.error.type == problem_type::kUnstorable) add(AppendRefused{e.error.detail});
    if (is_call(e.step)) return add_failures(e);
    add(TimePassed{});
    add_end_of_child(e.step, Operation::Action, e.possibly_done ? "failed" : "compensated", {}, e.error);
    add_end_of_child(e.step, Operation::Action, "completed", {}, {});
    add_delivery(e.step, Operation::Action, {});
  }
  void operator()(const StepSkipped& e) { add(OperatorSkip{e.step, e.output, false, e.by, ""}); }
  void operator()(const EventReceived& e) { add(EventArrived{e.name, e.data, e.id, e.source, e.key}); }
  void operator()(const CompensationStarted& e) {
    if (e.error.type == problem_type::kDeadline) add(TimePassed{});
    add(CancelRequested{e.error.detail, e.by, false});
    if (state_.parent) add(CancelRequested{e.error.detail, e.by, true});
    add(OperatorUndo{e.by, e.error.detail});
    // An event that undid a completed saga is not kept: what it said is unknown.
    if (e.error.event.empty()) return;
    add(EventArrived{e.error.event, Json(), "", "", state_.business_key});
    causes_.back().fits_unseen = true;
  }
  void operator()(const CompensationRequested& e) {
    add_end_of_child(e.step, Operation::Compensate, "refused", {}, {});
  }
  void operator()(const StepCompensated& e) {
    const bool undone =
        !e.answer || (*e.answer >= 200 && *e.answer <= 299) || *e.answer == 404 || *e.answer == 410;
    if (undone) add_outcome(e.step, Operation::Compensate, Outcome::Done{e.output, e.answer});
    for (const char* status : {"cancelled", "completed"})
      add_end_of_child(e.step, Operation::Compensate, status, e.output, {});
    add_delivery(e.step, Operation::Compensate, e.output);
    add(OperatorSkip{e.step, e.output, true, "", ""});
  }
  void operator()(const CompensationFailed& e) {
    if (e.error.type == problem_type::kUnstorable) add(AppendRefused{e.error.detail});
    const Action* action = action_in(telling_.definition, e.step, Operation::Compensate);
    const bool by_worker = action && std::holds_alternative<TaskAction>(*action);
    if (by_worker || is_4xx(e.error)) add_outcome(e.step, Operation::Compensate, answer::Refused{e.error});
    add_exhaustion(e.step, Operation::Compensate, e.error, true);
    add_end_of_child(e.step, Operation::Compensate, "refused", {}, e.error);
  }
  void operator()(const SagaStuck& e) { add(AppendRefused{e.error.detail}); }
  void operator()(const RetryRequested& e) { add(OperatorRetry{e.step, e.by, e.reason}); }
  void operator()(const SagaPaused& e) { add(OperatorPause{e.by, e.reason}); }
  void operator()(const SagaResumed& e) { add(OperatorResume{e.by, e.reason}); }
  void operator()(const SagaEnded& e) { add(OperatorTerminate{e.by, e.error ? e.error->detail : ""}); }
  // It never comes first.
  void operator()(const StepRequested&) {}

  // Where the log raised a time, the decision was made a little earlier.
  std::vector<RecordedCause> all() && {
    const std::size_t count = causes_.size();
    for (std::size_t i = 0; i < count && state_.updated_at < now_; ++i) {
      RecordedCause earlier = causes_[i];
      causes_.push_back(std::move(earlier));
      causes_.back().context.now = state_.updated_at;
    }
    return std::move(causes_);
  }

 private:
  void add_cause(Outcome outcome, std::uint64_t random) {
    causes_.push_back({std::move(outcome), state_, context_});
    causes_.back().context.random = random;
  }
  void add(Input input) { causes_.push_back({std::move(input), state_, context_}); }
  void add_outcome(const StepPath& step, Operation operation, decltype(Outcome::what) what,
                   std::uint64_t random = kShortestWait, bool sent_before = false) {
    add_cause(Outcome{step, operation, std::move(what), sent_before}, random);
  }

  // Whether the step is under way as a call of a service or a task of a worker.
  bool is_call(const StepPath& path) const {
    const Action* action = action_in(telling_.definition, path, Operation::Action);
    return action &&
           (std::holds_alternative<HttpAction>(*action) || std::holds_alternative<TaskAction>(*action));
  }
  bool was_possibly_done(const StepPath& path) const {
    const StepState* step = recorded_.find_step(path);
    return step && step->possibly_done;
  }

  void add_failures(const StepFailed& e) {
    const Action* action = action_in(telling_.definition, e.step, Operation::Action);
    const bool by_worker = std::holds_alternative<TaskAction>(*action);
    const bool sent_before = e.possibly_done && !was_possibly_done(e.step);
    if (by_worker || is_4xx(e.error))
      add_outcome(e.step, Operation::Action, answer::Refused{e.error}, kShortestWait, sent_before);
    if (e.error.type == problem_type::kExpression || e.error.type == problem_type::kInvalidAnswer)
      add_outcome(e.step, Operation::Action, Outcome::Unusable{e.error});
    if (e.error.type == problem_type::kCircuitOpen)
      add(CircuitOpened{e.step, Operation::Action, now_, sent_before});
    if (recorded_.is_undoing()) add_outcome(e.step, Operation::Action, answer::Accepted{"/", {}});
    add_exhaustion(e.step, Operation::Action, e.error, e.possibly_done);
    add(TimePassed{});
  }

  // The last failure of a call: the event tells what it came to, and not always of which kind it was itself.
  void add_exhaustion(const StepPath& path, Operation operation, const Problem& told, bool possibly_done) {
    const auto call = call_under_way(telling_.definition, state_, path, operation);
    if (!call) return;
    const auto& never_retried = call->effort().retry.non_retryable_errors;
    for (const bool as_told : {true, false}) {
      answer::Failed failed{as_told ? told : retried_error(never_retried, told), possibly_done, {}, ""};
      add_outcome(path, operation, failed, kLongestWait);
      failed.retry_after = wait_beyond_end(*call);
      if (failed.retry_after) add_outcome(path, operation, failed, kShortestWait);
    }
    if (!never_retried.empty())
      add_outcome(path, operation, answer::Failed{told, possibly_done, {}, never_retried.front()});
    add_loss(path, operation, told);
  }

  // Accepted work that its service does not know any more.
  void add_loss(const StepPath& path, Operation operation, const Problem& error) {
    const auto call = call_under_way(telling_.definition, state_, path, operation);
    if (call && call->attempts.polling()) add_outcome(path, operation, answer::Lost{error}, kLongestWait);
  }

  // One that is retried, as the last failure of an exhausted step was.
  static Problem retried_error(const std::vector<std::string>& never_retried, const Problem& told) {
    static constexpr std::array<std::string_view, 3> kKinds = {
        problem_type::kUnreachable, problem_type::kTimeout, problem_type::kInvalidAnswer};
    for (const std::string_view kind : kKinds) {
      if (std::find(never_retried.begin(), never_retried.end(), kind) != never_retried.end()) continue;
      Problem error = make_problem(kind, told.detail);
      error.status = told.status;
      return error;
    }
    return told;
  }

  // A service may have asked, by Retry-After, to wait until the step's time would be over. As the record's
  // own definition counts: under another one that wait may still be short enough.
  std::optional<Duration> wait_beyond_end(const Call& call) const {
    const Step* step = telling_.own.find_step(id_of(call.path));
    if (!step || (call.operation == Operation::Compensate && !step->undo)) return std::nullopt;
    const Effort& effort = call.operation == Operation::Action ? step->effort : step->undo->effort;
    const auto end = give_up_at(effort, call.attempts.requested_at);
    if (!end || *end <= now_) return std::nullopt;
    return *end - now_;
  }

  void add_end_of_child(const StepPath& path, Operation operation, const char* status, Json output,
                        std::optional<Problem> error) {
    const StepState* step = recorded_.find_step(path);
    const auto child = !step                            ? std::nullopt
                       : operation == Operation::Action ? step->request.child
                                                        : step->undo_request.child;
    if (child) add(ChildEnded{path, operation, *child, status, std::move(output), std::move(error)});
  }

  void add_delivery(const StepPath& path, Operation operation, const Json& output) {
    const Action* action = action_in(telling_.definition, path, operation);
    if (!action || !std::holds_alternative<EmitAction>(*action)) return;
    const Json reached = output.get("reached");
    const auto count = reached.is_number() ? reached.as_integer().value_or(0) : 0;
    add(EventDelivered{path, operation, static_cast<std::uint32_t>(count)});
  }

  const Telling& telling_;
  const State& recorded_;
  State state_;
  std::span<const Event> rest_;
  Timestamp now_;
  Context context_;
  std::vector<RecordedCause> causes_;
};

}  // namespace

std::vector<RecordedCause> recorded_causes(const Telling& telling, const State& state,
                                           std::span<const Event> rest) {
  Causes causes(telling, state, rest);
  std::visit(causes, rest.front().fact);
  return std::move(causes).all();
}

}  // namespace skald::core
