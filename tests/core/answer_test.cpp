#include "engine/core/answer.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

#include "engine/core/polling.hpp"
#include "engine/core/response.hpp"

namespace skald::core {
namespace {

using namespace std::chrono_literals;

constexpr const char* kJson = "application/json";

std::string word_of(const answer::Meaning& meaning) {
  struct Namer {
    std::string operator()(const answer::Done&) const { return "done"; }
    std::string operator()(const answer::Accepted&) const { return "accepted"; }
    std::string operator()(const answer::Working&) const { return "working"; }
    std::string operator()(const answer::Refused& r) const { return "refused " + r.error.type; }
    std::string operator()(const answer::Failed& f) const {
      return "failed " + f.error.type + (f.possibly_done ? ", possibly done" : ", not done");
    }
    std::string operator()(const answer::Lost&) const { return "lost"; }
  };
  return std::visit(Namer{}, meaning);
}

std::string meaning(int status, Operation operation = Operation::Action, bool poll = false) {
  return word_of(answer::meaning_of(CallAnswered{"a", operation, 1, poll, {status, {}, ""}}, "service", {}));
}
std::string meaning(CallFailure failure) {
  return word_of(answer::meaning_of(CallFailed{"a", Operation::Action, 1, false, failure, ""}, "service"));
}

answer::Refused refused(const char* type, std::string body) {
  const Answer answer{422, {{"content-type", type}}, std::move(body)};
  return std::get<answer::Refused>(
      answer::meaning_of(CallAnswered{"a", Operation::Action, 1, false, answer}, "service", {}));
}

Answer with_header(std::string name, std::string value) {
  return {200, {{std::move(name), std::move(value)}}, ""};
}

}  // namespace

TEST_CASE("answer: statuses mean what the table of the language says") {
  struct Row {
    int status;
    std::string action, poll, undo;
  };
  const std::string not_now = "failed unreachable, not done", broke = "failed unreachable, possibly done",
                    unknown = "failed invalid-answer, possibly done", refusal = "refused rejected";
  const std::vector<Row> rows = {
      {200, "done", "done", "done"},    {201, "done", "done", "done"},    {202, "done", "working", "done"},
      {204, "done", "done", "done"},    {299, "done", "done", "done"},    {100, unknown, unknown, unknown},
      {301, unknown, unknown, unknown}, {303, unknown, unknown, unknown}, {304, unknown, unknown, unknown},
      {400, refusal, refusal, refusal}, {401, refusal, refusal, refusal}, {403, refusal, refusal, refusal},
      {404, refusal, "lost", "done"},   {405, refusal, refusal, refusal}, {408, not_now, not_now, not_now},
      {409, refusal, refusal, refusal}, {410, refusal, "lost", "done"},   {422, refusal, refusal, refusal},
      {425, not_now, not_now, not_now}, {429, not_now, not_now, not_now}, {451, refusal, refusal, refusal},
      {500, broke, broke, broke},       {502, broke, broke, broke},       {503, broke, broke, broke},
      {599, broke, broke, broke},       {600, unknown, unknown, unknown},
  };
  for (const Row& row : rows) {
    CAPTURE(row.status);
    CHECK(meaning(row.status) == row.action);
    CHECK(meaning(row.status, Operation::Action, true) == row.poll);
    CHECK(meaning(row.status, Operation::Compensate) == row.undo);
  }
}

TEST_CASE("answer: no answer means what is known of the request") {
  CHECK(meaning(CallFailure::NotSent) == "failed unreachable, not done");
  CHECK(meaning(CallFailure::TimedOut) == "failed timeout, possibly done");
  CHECK(meaning(CallFailure::ConnectionLost) == "failed unreachable, possibly done");
  CHECK(meaning(CallFailure::BadAnswer) == "failed invalid-answer, possibly done");
}

TEST_CASE("answer: a service's own problem is kept, but it cannot speak for Skald") {
  const Problem error =
      refused(
          "application/problem+json",
          R"({"type":"full","title":"Full","status":200,"detail":"d","step":"x","by":"y","event":"z","seats":3})")
          .error;
  CHECK(to_json(error).dump() == R"({"type":"full","title":"Full","status":422,"detail":"d","seats":3})");
}

TEST_CASE("answer: a body that is no problem leaves a plain refusal") {
  CHECK(refused(kJson, R"({"type":"about:blank"})").error.type == "rejected");
  CHECK(refused(kJson, "[1]").error.detail == "service answered 422");
  CHECK(refused(kJson, "{broken").error.detail == "service answered 422");
  CHECK(refused("text/plain", "no such job").error.detail == "no such job");
  CHECK(refused("text/html", std::string(2000, 'x')).error.detail == "service answered 422");
  CHECK(refused("text/plain", "\xff\xfe").error.detail == "service answered 422");
  CHECK(refused(kJson, R"({"x":")" + std::string(20'000, 'x') + R"("})").error.extensions.is_null());
}

TEST_CASE("response: bodies are JSON where they say so, and text otherwise") {
  const auto body = [](const char* type, const char* text) {
    return body_of({200, {{"Content-Type", type}}, text});
  };
  CHECK(body("application/json; charset=utf-8", "[1.10]")->dump() == "[1.10]");
  CHECK(body("Application/Problem+JSON", "{}")->is_object());
  CHECK(body("text/json", "{}")->as_string() == "{}");
  CHECK(body(kJson, "")->is_null());
  CHECK(!body(kJson, "{"));
  // One level is left for the event that will hold it, or the log could not keep it.
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  CHECK(body(kJson, nested(63).c_str()).has_value());
  CHECK(!body(kJson, nested(64).c_str()));
  CHECK(!body("text/plain", "\xff"));
}

TEST_CASE("response: header names are lower case, and several of one name are joined") {
  const Answer answer{200, {{"X-A", "1"}, {"x-a", "2"}, {"Bad", "\xff"}}, ""};
  CHECK(response_value(answer, 5).dump() == R"({"status":200,"headers":{"x-a":"1, 2"},"body":5})");
}

TEST_CASE("response: Retry-After is read in both forms and bounded") {
  const Timestamp now{1'767'225'600'000'000};  // Thu, 01 Jan 2026 00:00:00 GMT
  const auto wait = [&](const char* value) { return retry_after(with_header("retry-AFTER", value), now); };
  CHECK(wait("3") == Duration(3s));
  CHECK(wait("0") == Duration(0s));
  CHECK(wait("999999999") == Duration(24h));
  CHECK(wait("99999999999999999999") == Duration(24h));
  CHECK(wait("Thu, 01 Jan 2026 00:00:09 GMT") == Duration(9s));
  CHECK(wait("Wed, 31 Dec 2025 00:00:00 GMT") == Duration(0s));
  CHECK(wait("-3") == std::nullopt);
  CHECK(wait("3s") == std::nullopt);
  CHECK(wait("") == std::nullopt);
}

TEST_CASE("polling: only plain paths are followed") {
  for (const char* path : {"/jobs/1", "/jobs/1?wait=1&x=..", "/", "/a..b", "/.hidden"})
    CHECK(is_safe_location(path));
  for (const char* path : {"", "jobs/1", "//host/x", "http://host/x", "/a/../b", "/..", "/a/.", "/%2e%2E/x",
                           "/.%2e", "/a b", "/a\r\nX: y", "/a#b", "/\\host"}) {
    CAPTURE(path);
    CHECK(!is_safe_location(path));
  }
  CHECK(!is_safe_location("/" + std::string(3000, 'x')));
}

TEST_CASE("polling: a poll waits a tenth of the time gone by, or as the service says") {
  CHECK(poll_interval(0s, std::nullopt) == Duration(1s));
  CHECK(poll_interval(30s, std::nullopt) == Duration(3s));
  CHECK(poll_interval(24h, std::nullopt) == Duration(60s));
  CHECK(poll_interval(24h, Duration(5s)) == Duration(5s));
  CHECK(poll_interval(0s, Duration(0s)) == Duration(200ms));
}

}  // namespace skald::core
