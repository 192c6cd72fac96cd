// response: the parts of a service's answer as values: its body, its headers, its problem, and `.response`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/core/input.hpp"

namespace skald::core {

// Names are compared without regard to case; the first of several.
std::optional<std::string_view> find_header(const Answer& answer, std::string_view name);

// The wait that Retry-After asks for, in seconds or as an HTTP date; at most a day.
std::optional<Duration> retry_after(const Answer& answer, Timestamp now);

// JSON as its value (an empty body is null), everything else as text. An Error: it says it is JSON and is
// not, or it is no UTF-8.
Result<Json> body_of(const Answer& answer);

// `.response`: {status, headers, body}; headers have lower-case names, several of one name are joined by ",
// ".
Json response_value(const Answer& answer, Json body);

// The problem that the body holds, where it is an object that names one (RFC 9457).
std::optional<Problem> problem_in(const Answer& answer);

}  // namespace skald::core
