// Event: a fact that is kept. These are the events of semantics.md section 1 with exactly its fields; users and
// views rely on them. event_codec.hpp writes and reads them as JSON.
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
};
struct StepRequested {
  StepPath step;
  std::string kind;  // "http"
  RequestSummary request;
};
struct StepAccepted {
  StepPath step;
  Operation operation = Operation::Action;
  std::string location;
};
struct AttemptFailed {
  StepPath step;
  Operation operation = Operation::Action;
  std::uint32_t attempt = 0;  // 1, 2, 3 …
  Problem error;
  bool possibly_done = false;
  Timestamp retry_at;
};
struct StepSucceeded {
  StepPath step;
  std::uint32_t attempts = 0;
  Json output;
};
struct StepFailed {
  StepPath step;
  std::uint32_t attempts = 0;
  Problem error;
  bool possibly_done = false;
  bool optional = false;
};
struct StepSkipped {
  StepPath step;
  std::string reason;  // "if"
  Json output;
  std::string by;
};
struct CompensationStarted {
  Problem error;
  std::string by;
  bool after_completion = false;
};
struct CompensationRequested {
  StepPath step;
  std::string kind;
  RequestSummary request;
};
struct StepCompensated {
  StepPath step;
  std::uint32_t attempts = 0;
  Json output;
  bool succeeded = true;  // false: the step was only possibly done
  std::optional<int> answer;  // HTTP status
};
struct CompensationFailed {
  StepPath step;
  std::uint32_t attempts = 0;
  Problem error;
};
struct SagaStuck {
  StepPath step;
  Operation operation = Operation::Action;
  Problem error;
};
struct SagaEnded {
  std::string status;  // completed, compensated, cancelled, failed
  std::string undo;    // none, done, partial
  Json output;
  std::optional<Problem> error;
  std::string by;
};

using Fact = std::variant<SagaStarted, StepRequested, StepAccepted, AttemptFailed, StepSucceeded, StepFailed,
                          StepSkipped, CompensationStarted, CompensationRequested, StepCompensated,
                          CompensationFailed, SagaStuck, SagaEnded>;

struct Event {
  Timestamp time;
  Fact fact;
};

}  // namespace skald::core
