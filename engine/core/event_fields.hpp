// event_fields: the name of each kind of event and the names of its fields, once for writing and for reading.
// semantics.md section 1 is the same list in words; a name that was ever written stays.
#pragma once

#include <string_view>

#include "engine/core/event.hpp"

namespace skald::core {

// list(at, event) calls at.always for what is always there, at.if_any for what is left out when it says
// nothing.
template <class E>
struct Fields;

template <>
struct Fields<SagaStarted> {
  static constexpr std::string_view kName = "SagaStarted";
  static void list(auto& at, auto& event) {
    at.if_any("input", event.input);
    at.always("definition", event.definition);
    at.if_any("version", event.version);
    at.always("businessKey", event.business_key);
    at.if_any("startKey", event.start_key);
    at.if_any("requestHash", event.request_hash);
    at.if_any("by", event.by);
    at.if_any("parent", event.parent);
    at.if_any("cause", event.cause);
  }
};

template <>
struct Fields<StepRequested> {
  static constexpr std::string_view kName = "StepRequested";
  static void list(auto& at, auto& event) {
    at.always("step", event.step);
    at.always("kind", event.kind);
    at.if_any("request", event.request);
  }
};

template <>
struct Fields<StepAccepted> {
  static constexpr std::string_view kName = "StepAccepted";
  static void list(auto& at, auto& event) {
    at.always("step", event.step);
    at.always("operation", event.operation);
    at.always("location", event.location);
  }
};

template <>
struct Fields<StepWaiting> {
  static constexpr std::string_view kName = "StepWaiting";
  static void list(auto& at, auto& event) {
    at.always("step", event.step);
    at.always("reason", event.reason);
    at.if_any("until", event.until);
  }
};

template <>
struct Fields<EventReceived> {
  static constexpr std::string_view kName = "EventReceived";
  static void list(auto& at, auto& event) {
    at.always("name", event.name);
    at.if_any("data", event.data);
    at.if_any("id", event.id);
    at.if_any("source", event.source);
    at.if_any("key", event.key);
  }
};

template <>
struct Fields<RetryRequested> {
  static constexpr std::string_view kName = "RetryRequested";
  static void list(auto& at, auto& event) {
    at.if_any("step", event.step);
    at.if_any("by", event.by);
    at.if_any("reason", event.reason);
  }
};

template <>
struct Fields<SagaPaused> {
  static constexpr std::string_view kName = "SagaPaused";
  static void list(auto& at, auto& event) {
    at.if_any("by", event.by);
    at.if_any("reason", event.reason);
  }
};

template <>
struct Fields<SagaResumed> {
  static constexpr std::string_view kName = "SagaResumed";
  static void list(auto& at, auto& event) {
    at.if_any("by", event.by);
    at.if_any("reason", event.reason);
  }
};

template <>
struct Fields<AttemptFailed> {
  static constexpr std::string_view kName = "AttemptFailed";
  static void list(auto& at, auto& event) {
    at.always("step", event.step);
    at.always("operation", event.operation);
    at.always("attempt", event.attempt);
    at.always("error", event.error);
    at.always("possiblyDone", event.possibly_done);
    at.always("retryAt", event.retry_at);
  }
};

template <>
struct Fields<StepSucceeded> {
  static constexpr std::string_view kName = "StepSucceeded";
  static void list(auto& at, auto& event) {
    at.always("step", event.step);
    at.always("attempts", event.attempts);
    at.if_any("output", event.output);
    at.if_any("takes", event.takes);
  }
};

template <>
struct Fields<StepFailed> {
  static constexpr std::string_view kName = "StepFailed";
  static void list(auto& at, auto& event) {
    at.always("step", event.step);
    at.always("attempts", event.attempts);
    at.always("error", event.error);
    at.always("possiblyDone", event.possibly_done);
    at.if_any("optional", event.optional);
  }
};

template <>
struct Fields<StepSkipped> {
  static constexpr std::string_view kName = "StepSkipped";
  static void list(auto& at, auto& event) {
    at.always("step", event.step);
    at.always("reason", event.reason);
    at.if_any("output", event.output);
    at.if_any("by", event.by);
  }
};

template <>
struct Fields<CompensationStarted> {
  static constexpr std::string_view kName = "CompensationStarted";
  static void list(auto& at, auto& event) {
    at.always("error", event.error);
    at.if_any("by", event.by);
    at.if_any("afterCompletion", event.after_completion);
  }
};

template <>
struct Fields<CompensationRequested> {
  static constexpr std::string_view kName = "CompensationRequested";
  static void list(auto& at, auto& event) {
    at.always("step", event.step);
    at.always("kind", event.kind);
    at.if_any("request", event.request);
  }
};

template <>
struct Fields<StepCompensated> {
  static constexpr std::string_view kName = "StepCompensated";
  static void list(auto& at, auto& event) {
    at.always("step", event.step);
    at.always("attempts", event.attempts);
    at.if_any("output", event.output);
    at.always("succeeded", event.succeeded);
    at.if_any("answer", event.answer);
  }
};

template <>
struct Fields<CompensationFailed> {
  static constexpr std::string_view kName = "CompensationFailed";
  static void list(auto& at, auto& event) {
    at.always("step", event.step);
    at.always("attempts", event.attempts);
    at.always("error", event.error);
  }
};

template <>
struct Fields<SagaStuck> {
  static constexpr std::string_view kName = "SagaStuck";
  static void list(auto& at, auto& event) {
    at.if_any("step", event.step);
    at.always("operation", event.operation);
    at.always("error", event.error);
  }
};

template <>
struct Fields<SagaEnded> {
  static constexpr std::string_view kName = "SagaEnded";
  static void list(auto& at, auto& event) {
    at.always("status", event.status);
    at.always("undo", event.undo);
    at.if_any("output", event.output);
    at.if_any("error", event.error);
    at.if_any("by", event.by);
  }
};

}  // namespace skald::core
