// Event: a fact that is kept. These are the events of semantics.md section 1 with exactly its fields; users
// and views rely on them. event_codec.hpp writes and reads them as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"
#include "engine/core/problem.hpp"

namespace skald::core {

// A step's path: its id at the top level; "lines[3].reserve" inside a forEach.
using StepPath = std::string;

enum class Operation { Action, Compensate };

// Where a request goes. The body of a call and of a task is not kept: it is rendered anew whenever it is
// sent.
struct RequestSummary {
  std::string method, service, path;   // http
  std::string queue;                   // task
  std::optional<SagaId> child;         // saga
  std::string definition;              // saga: its name
  std::string event, key;              // emit; of waitFor the event alone
  Json data;                           // emit
  std::optional<std::uint32_t> items;  // forEach: how many
  bool operator==(const RequestSummary&) const = default;
};

struct Parent {
  SagaId saga;
  StepPath step;
  bool operator==(const Parent&) const = default;
};

struct SagaStarted {
  Json input;
  std::string definition;  // hash
  std::string business_key;
  std::optional<std::string> start_key;
  std::string request_hash;  // hex; empty without a start key
  std::string by;
  std::optional<Parent> parent;
  Json cause;                             // the event that started it, or null
  std::optional<std::int32_t> version{};  // of the definition: versions of equal contents have one hash
  bool operator==(const SagaStarted&) const = default;
};
struct StepRequested {
  StepPath step;
  std::string kind;  // "http", as the language calls it
  RequestSummary request;
  bool operator==(const StepRequested&) const = default;
};
struct StepWaiting {
  StepPath step;
  std::string reason;  // "event", "timer", "task", "child", "circuit-open"
  std::optional<Timestamp> until;
  bool operator==(const StepWaiting&) const = default;
};
struct StepAccepted {
  StepPath step;
  Operation operation = Operation::Action;
  std::string location;
  bool operator==(const StepAccepted&) const = default;
};
struct AttemptFailed {
  StepPath step;
  Operation operation = Operation::Action;
  std::uint32_t attempt = 0;  // 1, 2, 3 …
  Problem error;
  bool possibly_done = false;
  Timestamp retry_at;
  bool operator==(const AttemptFailed&) const = default;
};
struct StepSucceeded {
  StepPath step;
  std::uint32_t attempts = 0;
  Json output;
  std::optional<std::int32_t> takes{};  // waitFor: the number of the EventReceived that it took
  bool operator==(const StepSucceeded&) const = default;
};
struct StepFailed {
  StepPath step;
  std::uint32_t attempts = 0;
  Problem error;
  bool possibly_done = false;
  bool optional = false;
  bool operator==(const StepFailed&) const = default;
};
struct StepSkipped {
  StepPath step;
  std::string reason;  // "if", "switch", "operator"
  Json output;
  std::string by;
  bool operator==(const StepSkipped&) const = default;
};
struct EventReceived {
  std::string name;
  Json data;
  std::string id, source;  // empty: it has none
  std::string key;         // the business key it was sent to; empty: to this saga by its id
  bool operator==(const EventReceived&) const = default;
};
struct CompensationStarted {
  Problem error;
  std::string by;
  bool after_completion = false;
  bool operator==(const CompensationStarted&) const = default;
};
struct CompensationRequested {
  StepPath step;
  std::string kind;
  RequestSummary request;
  bool operator==(const CompensationRequested&) const = default;
};
struct StepCompensated {
  StepPath step;
  std::uint32_t attempts = 0;
  Json output;
  bool succeeded = true;      // false: the step was only possibly done
  std::optional<int> answer;  // HTTP status
  bool operator==(const StepCompensated&) const = default;
};
struct CompensationFailed {
  StepPath step;
  std::uint32_t attempts = 0;
  Problem error;
  bool operator==(const CompensationFailed&) const = default;
};
struct SagaStuck {
  StepPath step;
  Operation operation = Operation::Action;
  Problem error;
  bool operator==(const SagaStuck&) const = default;
};
struct RetryRequested {
  StepPath step;  // empty: the saga as a whole
  std::string by, reason;
  bool operator==(const RetryRequested&) const = default;
};
struct SagaPaused {
  std::string by, reason;
  bool operator==(const SagaPaused&) const = default;
};
struct SagaResumed {
  std::string by, reason;
  bool operator==(const SagaResumed&) const = default;
};
struct SagaEnded {
  std::string status;  // completed, compensated, cancelled, failed
  std::string undo;    // none, done, partial
  Json output;
  std::optional<Problem> error;
  std::string by;
  bool operator==(const SagaEnded&) const = default;
};

using Fact = std::variant<SagaStarted, StepRequested, StepAccepted, StepWaiting, AttemptFailed, StepSucceeded,
                          StepFailed, StepSkipped, EventReceived, CompensationStarted, CompensationRequested,
                          StepCompensated, CompensationFailed, SagaStuck, RetryRequested, SagaPaused,
                          SagaResumed, SagaEnded>;

struct Event {
  Timestamp time;
  Fact fact;
  bool operator==(const Event&) const = default;
};

}  // namespace skald::core
