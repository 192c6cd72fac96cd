#include "engine/core/answer.hpp"

#include "engine/core/polling.hpp"
#include "engine/core/response.hpp"

namespace skald::core::answer {
namespace {

std::string answered(std::string_view service, int status) {
  return std::string(service) + " answered " + std::to_string(status);
}

// 4xx that says "not now" instead of "no", and every 5xx.
bool worth_retrying(int status) {
  return status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599);
}

bool not_known(int status) {
  return status == 404 || status == 410;
}

Refused refused(const Answer& answer, std::string_view service) {
  Problem error = make_problem(problem_type::kRejected, answered(service, answer.status));
  if (auto own = problem_in(answer)) {
    if (!own->type.empty()) error.type = std::move(own->type);
    if (!own->title.empty()) error.title = std::move(own->title);
    if (!own->detail.empty()) error.detail = std::move(own->detail);
    error.extensions = std::move(own->extensions);
  }
  error.status = answer.status;
  return {std::move(error)};
}

Failed unavailable(const Answer& answer, std::string_view service, Timestamp now) {
  Failed failed{make_problem(problem_type::kUnreachable, answered(service, answer.status)),
                answer.status >= 500, retry_after(answer, now), ""};
  failed.error.status = answer.status;
  if (auto own = problem_in(answer)) {
    for (const std::string& words : {own->title, own->detail})
      if (!words.empty()) failed.error.detail += ": " + words;
    failed.own_type = std::move(own->type);
  }
  return failed;
}

// The service did something, and nobody can tell what.
Failed broken(int status, std::string detail) {
  Problem error = make_problem(problem_type::kInvalidAnswer, std::move(detail));
  error.status = status;
  return {std::move(error), true, std::nullopt, ""};
}

Meaning accepted(const Answer& answer, std::string_view service, Timestamp now) {
  const auto location = find_header(answer, "location");
  if (!location) return Done{};
  if (is_safe_location(*location)) return Accepted{std::string(*location), retry_after(answer, now)};
  return broken(202, answered(service, 202) + " with a Location outside of its base path");
}

Lost lost(std::string_view service) {
  return {make_problem(problem_type::kUnreachable,
                       std::string(service) + " does not know the accepted work any more")};
}

}  // namespace

Meaning meaning_of(const CallAnswered& reply, std::string_view service, Timestamp now) {
  const int status = reply.answer.status;
  if (status == 202 && reply.poll) return Working{retry_after(reply.answer, now)};
  if (status == 202) return accepted(reply.answer, service, now);
  if (status >= 200 && status <= 299) return Done{};
  if (worth_retrying(status)) return unavailable(reply.answer, service, now);
  if (not_known(status) && reply.poll) return lost(service);
  // What is not there needs no undo.
  if (not_known(status) && reply.operation == Operation::Compensate) return Done{};
  if (status >= 400 && status <= 499) return refused(reply.answer, service);
  return broken(status, answered(service, status) + ", which is neither success nor failure");
}

Meaning meaning_of(const CallFailed& reply, std::string_view service) {
  const std::string detail = std::string(service) + (reply.detail.empty() ? "" : ": " + reply.detail);
  switch (reply.failure) {
    case CallFailure::NotSent:
      return Failed{make_problem(problem_type::kUnreachable, detail), false, std::nullopt, ""};
    case CallFailure::TimedOut:
      return Failed{make_problem(problem_type::kTimeout, detail), true, std::nullopt, ""};
    case CallFailure::ConnectionLost:
      return Failed{make_problem(problem_type::kUnreachable, detail), true, std::nullopt, ""};
    case CallFailure::BadAnswer:
      return Failed{make_problem(problem_type::kInvalidAnswer, detail), true, std::nullopt, ""};
  }
  return Failed{make_problem(problem_type::kUnreachable, detail), true, std::nullopt, ""};
}

}  // namespace skald::core::answer
