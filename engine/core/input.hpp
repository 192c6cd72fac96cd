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
  // This very attempt was perhaps sent once already, by a process that is gone: what became of that is unknown.
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

// A person or a client asks for the saga to be undone.
struct CancelRequested {
  std::string reason;
  std::string by;
};

// A wake-up that plan() asked for has come: whatever is due by Context::now is due.
struct TimePassed {};

// The database refused for good what the last input wrote (too large, not storable). The saga becomes stuck
// with a problem of type `unstorable`.
struct AppendRefused {
  std::string why;
};

using Input =
    std::variant<StartRequested, CallAnswered, CallFailed, CancelRequested, TimePassed, AppendRefused>;

}  // namespace skald::core
