// Input: something that reached a saga from outside. decide() turns it into events, or refuses it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/core/event.hpp"

namespace skald::core {

// The start of a new saga; the input fits the definition's schema (checked at the edge).
struct StartRequested {
  Json input;
  std::string business_key;
  std::optional<std::string> start_key;
  std::string request_hash;  // hex
  std::string by;
  std::optional<Parent> parent;
  Json cause;
  std::optional<Problem>
      refusal{};  // nobody can be told that its input does not fit: it ends at once, visibly
};

// What a service answered, as received.
struct Answer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct CallAnswered {
  StepPath step;
  Operation operation = Operation::Action;
  std::uint32_t attempt = 0;  // which one was answered; a poll names the attempt that was accepted
  bool poll = false;
  Answer answer;
  // This very attempt was perhaps sent once already, by a process that is gone: what became of that is
  // unknown.
  bool sent_before = false;
};

enum class CallFailure {
  NotSent,         // no byte of the request left: certainly not done
  TimedOut,        // sent, no answer in time
  ConnectionLost,  // sent, then the connection broke; also: nobody remembers (after a crash)
  BadAnswer        // sent, and what came back is no HTTP or too large
};

struct CallFailed {
  StepPath step;
  Operation operation = Operation::Action;
  std::uint32_t attempt = 0;
  bool poll = false;
  CallFailure failure = CallFailure::NotSent;
  std::string detail;
  bool sent_before = false;  // as above
};

// What a worker says of the attempt it was given; no word in time is a CallFailed with TimedOut.
struct TaskDone {
  StepPath step;
  Operation operation = Operation::Action;
  std::uint32_t attempt = 0;
  Json output;
};
struct TaskRefused {
  StepPath step;
  Operation operation = Operation::Action;
  std::uint32_t attempt = 0;
  Problem error;
  bool retryable = false;    // another attempt may do
  bool sent_before = false;  // another worker perhaps had this attempt, and what became of that is unknown
};

// The service is kept from further calls; the call that wanted to leave waits until then at least.
struct CircuitOpened {
  StepPath step;
  Operation operation = Operation::Action;
  Timestamp until;
  bool sent_before = false;  // as in CallAnswered
};

// A child that this saga started has ended, or an end that was asked of it has been refused.
struct ChildEnded {
  StepPath step;
  Operation operation = Operation::Action;
  SagaId child;
  std::string status;  // as status_of(); "refused": it could not be started, or its undo was refused
  Json output;
  std::optional<Problem> error;
};

// Everyone an event is meant for has it, or it has been refused as a whole.
struct EventDelivered {
  StepPath step;
  Operation operation = Operation::Action;
  std::uint32_t reached = 0;
  std::optional<Problem> refusal{};
};

// An event from outside, to this saga or to its business key.
struct EventArrived {
  std::string name;
  Json data;
  std::string id, source;  // of an event that may come twice; else empty
  std::string key;         // empty: sent to this saga by its id, as a signal
};

// A person or a client asks for the saga to be undone.
struct CancelRequested {
  std::string reason;
  std::string by;
  bool by_parent = false;  // a child is undone with its parent, whatever its cancelUntil says
};

// What an operator may ask for (semantics.md section 3).
struct OperatorRetry {
  StepPath step;  // empty: what the saga is stuck with, else the one that waits for its next attempt
  std::string by, reason;
};
struct OperatorSkip {
  StepPath step;
  Json output;
  bool done = false;  // of an undo: it was done by other means
  std::string by, reason;
};
struct OperatorUndo {
  std::string by, reason;
};
struct OperatorPause {
  std::string by, reason;
};
struct OperatorResume {
  std::string by, reason;
};
struct OperatorTerminate {
  std::string by, reason;
};

// A wake-up that plan() asked for has come: whatever is due by Context::now is due.
struct TimePassed {};

// The database refused for good what the last input wrote (too large, not storable). The saga becomes stuck
// with a problem of type `unstorable`.
struct AppendRefused {
  std::string why;
};

using Input =
    std::variant<StartRequested, CallAnswered, CallFailed, TaskDone, TaskRefused, CircuitOpened, ChildEnded,
                 EventDelivered, EventArrived, CancelRequested, OperatorRetry, OperatorSkip, OperatorUndo,
                 OperatorPause, OperatorResume, OperatorTerminate, TimePassed, AppendRefused>;

}  // namespace skald::core
