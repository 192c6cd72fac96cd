#include "api/http/waiting_json.hpp"

#include "engine/core/event_codec.hpp"

namespace skald::api {
namespace {

using core::Operation;

struct Wait {
  core::StepPath step;
  Operation operation = Operation::Action;
  std::string reason;
  std::optional<Timestamp> since, until;
};

Json::Object object_of(const Wait& wait) {
  Json::Object object;
  object.append("step", wait.step);
  object.append("operation", core::to_text(wait.operation));
  object.append("reason", wait.reason);
  object.append("since", time_json(wait.since));
  object.append("until", time_json(wait.until));
  return object;
}

// One step with an operation under way.
class OpenStep {
 public:
  OpenStep(const core::State& state, const core::StepPath& path)
      : state_(state),
        step_(*state.find_step(path)),
        operation_(step_.operation()),
        attempts_(state.attempts_of(path)),
        request_(operation_ == Operation::Action ? step_.request : step_.undo_request) {
    wait_.step = path;
    wait_.operation = operation_;
    wait_.since = attempts_.requested_at;
  }

  Json waiting() {
    const bool action = operation_ == Operation::Action;
    if (action && step_.kind == "waitFor") return for_event();
    if (action && step_.kind == "wait") return as("timer", step_.until);
    if (request_.child) return with("child", "saga", to_text(*request_.child));
    if (!request_.event.empty()) return delivery();
    // With the undo begun no further attempt of an action is made: what is open is in flight.
    if (action && state_.is_undoing()) return as("answer");
    if (attempts_.polling()) return as("poll", attempts_.next_at);
    if (step_.waiting == "circuit-open") return as("circuit-open", step_.until);
    if (attempts_.failed > 0) return as("retry", attempts_.next_at);
    if (!request_.queue.empty()) return with("task", "queue", request_.queue);
    return as("answer");
  }

 private:
  Json as(std::string reason, std::optional<Timestamp> until = std::nullopt) {
    wait_.reason = std::move(reason);
    wait_.until = until;
    return object_of(wait_);
  }
  Json with(std::string reason, const char* member, std::string value) {
    wait_.reason = std::move(reason);
    auto object = object_of(wait_);
    object.append(member, std::move(value));
    return object;
  }
  Json for_event() {
    wait_.reason = "event";
    wait_.until = step_.until;
    auto object = object_of(wait_);
    object.append("event", request_.event);
    object.append("key", state_.business_key);
    return object;
  }
  Json delivery() {
    wait_.reason = "delivery";
    auto object = object_of(wait_);
    object.append("event", request_.event);
    object.append("key", request_.key);
    return object;
  }

  const core::State& state_;
  const core::StepState& step_;
  const Operation operation_;
  const core::Attempts& attempts_;
  const core::RequestSummary& request_;
  Wait wait_;
};

Json for_operator(const core::State& state) {
  return object_of({state.stuck->step, state.stuck->operation, "operator", state.stuck_since, std::nullopt});
}
Json for_resume(const core::State& state) {
  return object_of({"", Operation::Action, "resume", state.paused_since, std::nullopt});
}

}  // namespace

Json time_json(const std::optional<Timestamp>& time) {
  return time ? Json(to_rfc3339(*time)) : Json();
}

Json waiting_for(const core::State& state) {
  Json::Array list;
  if (state.phase == core::Phase::Stuck && state.stuck) list.push_back(for_operator(state));
  if (state.paused) list.push_back(for_resume(state));
  for (const auto& [path, nothing] : state.open) list.push_back(OpenStep(state, path).waiting());
  return list;
}

}  // namespace skald::api
