#include "tests/core/service_model.hpp"

namespace skald::core::testing {
namespace {

template <class Call>
Input answered(const Call& call, int status, std::string body = "", std::string location = "") {
  constexpr bool poll = std::is_same_v<Call, PollLocation>;
  Answer answer{status, {{"Content-Type", "application/json"}}, std::move(body)};
  if (!location.empty()) answer.headers.emplace_back("Location", std::move(location));
  return CallAnswered{call.step, call.operation, call.attempt, poll, std::move(answer)};
}

template <class Call>
Input failed(const Call& call, CallFailure failure) {
  constexpr bool poll = std::is_same_v<Call, PollLocation>;
  return CallFailed{call.step, call.operation, call.attempt, poll, failure, "as the model wants it"};
}

constexpr const char* kBody = R"({"id":"x"})";

}  // namespace

Input ServiceModel::answer(const CallService& call) {
  Effect& effect = effects_[call.step];
  return call.operation == Operation::Action ? act(call, effect) : undo(call, effect);
}

// The first cases come before the service has done anything, the later ones after it has.
Input ServiceModel::act(const CallService& call, Effect& effect) {
  if (effect.undone) return answered(call, 409);
  const std::uint64_t fate = behaves_ ? 99 : random_.below(24);
  if (fate == 0) return failed(call, CallFailure::NotSent);
  if (fate == 1) return answered(call, 503);
  if (fate == 2) return answered(call, 429);
  if (fate == 3) return failed(call, CallFailure::ConnectionLost);
  if (fate == 4) {
    effect.delayed = true;
    return failed(call, CallFailure::TimedOut);
  }
  // A service refuses only what it has not done.
  if (fate == 5 && !effect.done && !effect.delayed) return answered(call, 422);
  if (fate == 6 && !effect.done) {
    effect.delayed = true;
    return answered(call, 202, "", "/jobs/1");
  }
  effect.done = true;
  if (fate == 7) return failed(call, CallFailure::TimedOut);
  if (fate == 8) return failed(call, CallFailure::BadAnswer);
  if (fate == 9) return answered(call, 500);
  if (fate == 10) return answered(call, 302);
  if (fate == 11) return answered(call, 200, "{broken");
  return answered(call, 200, kBody);
}

Input ServiceModel::undo(const CallService& call, Effect& effect) {
  const std::uint64_t fate = behaves_ ? 99 : random_.below(20);
  if (fate == 0) return failed(call, CallFailure::NotSent);
  if (fate == 1) return answered(call, 503);
  if (fate == 2) return failed(call, CallFailure::ConnectionLost);
  if (fate == 3 && !effect.undone) return answered(call, 409);
  if (fate == 4) return answered(call, 202, "", "/undoing/1");
  const bool known = effect.done;
  effect.undone = true;
  if (fate == 5) return failed(call, CallFailure::TimedOut);
  if (fate == 6) return answered(call, 500);
  return answered(call, known ? 200 : 404, known ? kBody : "");
}

Input ServiceModel::answer(const PollLocation& poll) {
  Effect& effect = effects_[poll.step];
  const std::uint64_t fate = behaves_ ? 99 : random_.below(8);
  if (fate == 0) return answered(poll, 202);
  if (fate == 1) return answered(poll, 503);
  if (fate == 2) return failed(poll, CallFailure::TimedOut);
  if (fate == 3) return answered(poll, 404);
  if (poll.operation == Operation::Compensate) {
    effect.undone = true;
    return answered(poll, 200);
  }
  if (fate == 4 && !effect.done) {
    effect.delayed = false;
    return answered(poll, 422);
  }
  if (effect.undone) return answered(poll, 409);
  effect.done = true;
  return answered(poll, 200, kBody);
}

void ServiceModel::do_delayed_work() {
  for (auto& [step, effect] : effects_) {
    effect.done |= effect.delayed && !effect.undone;
    effect.delayed = false;
  }
}

bool ServiceModel::stands(const StepPath& step) const {
  const auto effect = effects_.find(step);
  return effect != effects_.end() && effect->second.stands();
}

}  // namespace skald::core::testing
