#include "tests/simulation/services.hpp"

#include <algorithm>
#include <utility>

namespace skald::simulation {

using namespace std::chrono_literals;
using core::Operation;
using runtime::CallFault;
using runtime::CallResult;

namespace {

constexpr Duration kDefaultTimeout = 5s;
constexpr Duration kLongestWork = 20s;    // of what was answered 202
constexpr Duration kLongestDetour = 30s;  // of a request that arrives after its timeout
// "within 1 s after it" (I14); a parked saga is looked for by the beat, once a second.
constexpr Duration kPunctual = 1s + 100ms;

CallResult answer(int status, std::string body = "",
                  std::vector<std::pair<std::string, std::string>> headers = {}) {
  headers.emplace_back("Content-Type", "application/json");
  return core::Answer{status, std::move(headers), std::move(body)};
}
CallResult answer_of(int status) {
  return status == 200 ? answer(200, R"({"id":"x"})") : answer(status);
}
bool is_done(const CallResult& result) {
  const auto* answer = std::get_if<core::Answer>(&result);
  return answer && answer->status == 200;
}
CallResult fault(core::CallFailure failure) {
  return CallFault{failure, "simulated"};
}

std::string header(const runtime::OutgoingCall& call, const std::string& name) {
  for (const auto& [key, value] : call.headers)
    if (key == name) return value;
  return {};
}

}  // namespace

// A call under way: answered once, by the service, the network or the timeout, whichever comes first.
struct Services::Request {
  runtime::OutgoingCall call;
  Ledger::Key key;
  Operation operation = Operation::Action;
  std::uint32_t attempt = 0;
  bool poll = false;
  Duration limit{0};
  std::function<void(CallResult)> waiting;

  void answer(CallResult result) {
    if (waiting) std::exchange(waiting, nullptr)(std::move(result));
  }
};

// Work that was only accepted so far.
struct Services::Job {
  Ledger::Key key;
  Operation operation;
  Timestamp ready_at;
  bool known = true;  // whether a poll still finds it
  bool dropped = false;
};

void Services::call(runtime::OutgoingCall call, std::function<void(CallResult)> answer) {
  const Asked request = read(call);
  if (!request) return;
  request->waiting = std::move(answer);
  check_time(*request);
  if (surroundings_.tell)
    surroundings_.tell(to_text(request->key.saga).substr(24) + " -> " + call.method + " " + call.service +
                       call.target + ", " + header(call, "Idempotency-Key") + ", attempt " +
                       header(call, "Saga-Attempt"));
  surroundings_.after(request->limit, [request] { request->answer(fault(core::CallFailure::TimedOut)); });
  if (request->poll)
    poll(request);
  else if (request->operation == Operation::Action)
    act(request);
  else
    undo(request);
}

std::optional<runtime::GateClosed> Services::gate() {
  Chance& chance = surroundings_.chance;
  if (!surroundings_.faulty || !chance.one_in(60)) return std::nullopt;
  surroundings_.faults.hit(Fault::CircuitClosedToCalls);
  return runtime::GateClosed{surroundings_.database_now() + chance.between(100ms, 4s), chance.one_in(2)};
}

Services::Asked Services::read(const runtime::OutgoingCall& call) {
  const auto saga = parse_saga_id(header(call, "Saga-Id"));
  const std::string step = header(call, "Saga-Step");
  const std::string operation = header(call, "Saga-Operation");
  const std::string key = header(call, "Saga-Id") + ":" + step + (operation == "compensate" ? ":undo" : "");
  if (!saga || key != header(call, "Idempotency-Key")) {
    surroundings_.violated(
        "key", "a request with the key " + header(call, "Idempotency-Key") + " instead of " + key);
    return nullptr;
  }
  auto request = std::make_shared<Request>();
  request->call = call;
  request->key = {*saga, step};
  request->operation = operation == "compensate" ? Operation::Compensate : Operation::Action;
  request->attempt = static_cast<std::uint32_t>(std::stoul(header(call, "Saga-Attempt")));
  request->poll = call.target.starts_with("/jobs/");
  request->limit = std::min(call.timeout.value_or(kDefaultTimeout), call.at_most.value_or(kDefaultTimeout));
  return request;
}

// I14. An attempt that the log does not mention (only some are recorded) says nothing about its time.
void Services::check_time(const Request& request) {
  if (request.attempt < 2 || request.poll) return;
  const auto due =
      witness_.retry_at(request.key.saga, request.key.step, request.operation, request.attempt - 1);
  if (!due) return;
  const Timestamp now = surroundings_.database_now();
  const std::string who = to_text(request.key.saga) + ":" + request.key.step;
  if (now < *due)
    surroundings_.violated("I14", who + " was called " + skald::to_text(*due - now) + " too early");
  if (punctual_from_ && *due >= *punctual_from_ && now - *due > kPunctual)
    surroundings_.violated("I14", who + " was called " + skald::to_text(now - *due) + " too late");
}

// I9, at the moment at which the request could take effect.
void Services::check_against_log(const Request& request) {
  const std::string who = to_text(request.key.saga) + ":" + request.key.step;
  if (!witness_.was_requested(request.key.saga, request.key.step, request.operation))
    surroundings_.violated("I9", who + " is called and the log does not say so");
  if (request.operation == Operation::Compensate || request.poll) return;
  const std::string text = request.call.method + " " + request.call.target + " " + request.call.body;
  std::string& known = ledger_.at(request.key).request;
  if (known.empty()) known = text;
  if (known != text) surroundings_.violated("key", who + " names two requests: " + known + " and " + text);
}

// The request takes its way to the service, does its work there, and the answer takes its way back.
void Services::arrive(const Asked& request, std::function<CallResult()> work) {
  const Duration there = surroundings_.chance.between(1ms, 30ms);
  const Duration back = surroundings_.chance.between(1ms, 30ms);
  surroundings_.after(there, [this, request, work, back] {
    check_against_log(*request);
    const CallResult result = work();
    surroundings_.after(back, [request, result] { request->answer(result); });
  });
}

// Trouble of the network, the same for every kind of request. `work` is done where the request arrives.
bool Services::meets_network_fault(const Asked& request, const std::function<CallResult()>& work) {
  if (!surroundings_.faulty) return false;
  Chance& chance = surroundings_.chance;
  const auto hit = [&](Fault fault) { surroundings_.faults.hit(fault); };
  switch (chance.below(28)) {
    case 0:
      hit(Fault::RequestNotSent);
      surroundings_.after(1ms, [request] { request->answer(fault(core::CallFailure::NotSent)); });
      return true;
    case 1:
      hit(Fault::RequestLost);
      if (chance.one_in(2))
        surroundings_.after(5ms, [request] { request->answer(fault(core::CallFailure::ConnectionLost)); });
      return true;
    case 2:
      hit(Fault::RequestDelayed);
      surroundings_.after(request->limit + chance.between(1ms, kLongestDetour), [this, request, work] {
        check_against_log(*request);
        work();
      });
      return true;
    case 3: {
      hit(Fault::AnswerLost);
      const bool notices = chance.one_in(2);
      surroundings_.after(5ms, [this, request, work, notices] {
        check_against_log(*request);
        work();
        if (notices) request->answer(fault(core::CallFailure::ConnectionLost));
      });
      return true;
    }
    case 4:
      hit(Fault::AnswerTooLate);
      surroundings_.after(5ms, [this, request, work] {
        check_against_log(*request);
        const CallResult late = work();
        surroundings_.after(request->limit, [request, late] { request->answer(late); });
      });
      return true;
    default: return false;
  }
}

// The service does its work and then tells something else.
bool Services::meets_fault_after(const Asked& request, const std::function<CallResult()>& work) {
  if (!surroundings_.faulty) return false;
  const auto instead = [&](Fault fault, CallResult told) {
    surroundings_.faults.hit(fault);
    arrive(request, [work, told = std::move(told)] {
      const CallResult result = work();
      // What was not done is not told as done.
      return is_done(result) ? told : result;
    });
    return true;
  };
  switch (surroundings_.chance.below(20)) {
    case 0: return instead(Fault::EffectThenError, answer(500));
    case 1: return instead(Fault::EffectThenGarbage, answer(200, "{broken"));
    case 2: return instead(Fault::EffectThenGarbage, fault(core::CallFailure::BadAnswer));
    case 3: return instead(Fault::Redirected, answer(302, "", {{"Location", "http://elsewhere/"}}));
    default: return false;
  }
}

CallResult Services::do_action(const Request& request) {
  const int status = ledger_.act(request.key);
  if (status == 409) surroundings_.faults.hit(Fault::ActionAfterUndo);
  return answer_of(status);
}

CallResult Services::do_undo(const Request& request) {
  const int status = ledger_.undo(request.key);
  if (status == 404) surroundings_.faults.hit(Fault::UndoBeforeAction);
  return answer_of(status);
}

void Services::act(const Asked& request) {
  const auto work = [this, request] { return do_action(*request); };
  if (meets_network_fault(request, work) || meets_fault_after(request, work)) return;
  Chance& chance = surroundings_.chance;
  if (surroundings_.faulty && chance.one_in(14)) {
    surroundings_.faults.hit(Fault::ToldToRetryLater);
    const int status = chance.one_in(2) ? 429 : 503;
    return arrive(request, [status, wait = std::to_string(chance.below(10))] {
      return answer(status, "", {{"Retry-After", wait}});
    });
  }
  if (surroundings_.faulty && chance.one_in(9)) return accept(request);
  if (surroundings_.faulty && chance.one_in(14)) {
    return arrive(request, [this, request, work] {
      Work& known = ledger_.at(request->key);
      if (known.effects == 0 && !known.undo_came &&
          !known.refusal) {  // a service refuses only what it has not done
        known.refusal = 422;
        surroundings_.faults.hit(Fault::ActionRefused);
      }
      return work();
    });
  }
  arrive(request, work);
}

void Services::undo(const Asked& request) {
  const auto work = [this, request] { return do_undo(*request); };
  if (meets_network_fault(request, work) || meets_fault_after(request, work)) return;
  Chance& chance = surroundings_.chance;
  if (surroundings_.faulty && chance.one_in(20)) {
    surroundings_.faults.hit(Fault::ToldToRetryLater);
    return arrive(request, [] { return answer(503, "", {{"Retry-After", "3"}}); });
  }
  if (surroundings_.faulty && chance.one_in(12)) return accept(request);
  if (surroundings_.faulty && chance.one_in(12)) {
    return arrive(request, [this, request, work] {
      Work& known = ledger_.at(request->key);
      if (!known.undo_came && !known.undo_refusal) {
        known.undo_refusal = 422;
        surroundings_.faults.hit(Fault::UndoRefused);
      }
      return work();
    });
  }
  arrive(request, work);
}

// 202: the work is done by itself after a while, watched or not.
void Services::accept(const Asked& request) {
  const Duration span = surroundings_.chance.between(100ms, kLongestWork);
  const bool says_when = surroundings_.chance.one_in(3);
  arrive(request, [this, request, span, says_when] {
    surroundings_.faults.hit(Fault::WorkAccepted);
    auto job = std::make_shared<Job>(Job{request->key, request->operation, surroundings_.now + span});
    jobs_.push_back(job);
    surroundings_.after(span, [this, job] {
      if (!job->dropped) do_job(*job);
    });
    std::vector<std::pair<std::string, std::string>> headers = {
        {"Location", "/jobs/" + std::to_string(jobs_.size() - 1)}};
    if (says_when) headers.emplace_back("Retry-After", "2");
    return answer(202, "", std::move(headers));
  });
}

int Services::do_job(Job& job) {
  return job.operation == Operation::Action ? ledger_.act(job.key) : ledger_.undo(job.key);
}

void Services::poll(const Asked& request) {
  const auto number = std::stoul(request->call.target.substr(6));
  const std::shared_ptr<Job> job = jobs_.at(number);
  if (job->key != request->key || job->operation != request->operation)
    surroundings_.violated("key", "a poll asks for somebody else's work: " + request->call.target);
  const auto look = [this, job] {
    if (!job->known) return answer(404);
    if (surroundings_.now < job->ready_at) return answer(202);
    return answer_of(do_job(*job));
  };
  if (meets_network_fault(request, look)) return;
  Chance& chance = surroundings_.chance;
  if (surroundings_.faulty && chance.one_in(8)) return arrive(request, [] { return answer(503); });
  if (surroundings_.faulty && chance.one_in(6)) {
    return arrive(request, [this, job, look, dropped = chance.one_in(2)] {
      if (job->known) surroundings_.faults.hit(Fault::AcceptedWorkLost);
      job->known = false;
      job->dropped = dropped;  // forgotten, or done by somebody who does not tell
      return look();
    });
  }
  if (surroundings_.faulty && job->operation == Operation::Action && chance.one_in(10)) {
    return arrive(request, [this, job, look] {
      Work& known = ledger_.at(job->key);
      if (known.effects == 0 && !known.undo_came && !known.refusal) {
        known.refusal = 422;
        job->ready_at = surroundings_.now;
        surroundings_.faults.hit(Fault::AcceptedWorkRefused);
      }
      return look();
    });
  }
  arrive(request, look);
}

std::optional<runtime::GateClosed> Caller::call(runtime::OutgoingCall call,
                                                std::function<void(CallResult)> done) {
  if (const auto closed = services_.gate()) return closed;
  services_.call(std::move(call),
                 [this, alive = std::weak_ptr(alive_), done = std::move(done)](CallResult result) {
                   if (alive.expired()) return;
                   post_([done, result = std::move(result)] { done(result); });
                 });
  return std::nullopt;
}

}  // namespace skald::simulation
