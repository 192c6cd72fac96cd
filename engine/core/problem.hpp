// Problem: why something failed, as RFC 9457 words it. Kept in events, shown by the API, read as `.error`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/json.hpp"

namespace skald::core {

// The built-in types (language.md, "Errors"). A service's own problem keeps its own type.
namespace problem_type {
inline constexpr std::string_view kRejected = "rejected";
inline constexpr std::string_view kTimeout = "timeout";
inline constexpr std::string_view kUnreachable = "unreachable";
inline constexpr std::string_view kCircuitOpen = "circuit-open";
inline constexpr std::string_view kInvalidAnswer = "invalid-answer";
inline constexpr std::string_view kInvalidInput = "invalid-input";
inline constexpr std::string_view kExpression = "expression";
inline constexpr std::string_view kCancelled = "cancelled";
inline constexpr std::string_view kDeadline = "deadline";
inline constexpr std::string_view kExhausted = "exhausted";
inline constexpr std::string_view kCompensationFailed = "compensation-failed";
inline constexpr std::string_view kFail = "fail";
inline constexpr std::string_view kTerminated = "terminated";
inline constexpr std::string_view kUnstorable = "unstorable";
}  // namespace problem_type

struct Problem {
  std::string type;
  std::string title;
  std::optional<int> status;  // of the service's answer, where there was one
  std::string detail;
  std::string step;   // path of the step it happened in, where it applies
  std::string by;     // who asked, where a person or a client did
  std::string event;  // name of the event that caused it, where one did
  Json extensions;    // further members of a service's problem, as an object; else null

  bool operator==(const Problem&) const = default;
};

// One of a built-in type, with the title of that type.
Problem make_problem(std::string_view type, std::string detail);

// Members that are empty are left out.
Json to_json(const Problem& problem);
// The inverse; members of the wrong kind go to the extensions.
Problem problem_from_json(const Json& json);

}  // namespace skald::core
