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

// Where a request goes; its body is rendered anew from the state whenever it is sent.
struct RequestSummary {
  std::string method;
  std::string service;
  std::string path;
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
  Json cause;  // the event that started it, or null
  bool operator==(const SagaStarted&) const = default;
};
struct StepRequested {
  StepPath step;
  std::string kind;  // "http"
  RequestSummary request;
  bool operator==(const StepRequested&) const = default;
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
  std::string reason;  // "if"
  Json output;
  std::string by;
  bool operator==(const StepSkipped&) const = default;
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
struct SagaEnded {
  std::string status;  // completed, compensated, cancelled, failed
  std::string undo;    // none, done, partial
  Json output;
  std::optional<Problem> error;
  std::string by;
  bool operator==(const SagaEnded&) const = default;
};

using Fact = std::variant<SagaStarted, StepRequested, StepAccepted, AttemptFailed, StepSucceeded, StepFailed,
                          StepSkipped, CompensationStarted, CompensationRequested, StepCompensated,
                          CompensationFailed, SagaStuck, SagaEnded>;

struct Event {
  Timestamp time;
  Fact fact;
  bool operator==(const Event&) const = default;
};

}  // namespace skald::core
