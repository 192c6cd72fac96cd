#include "api/http/members.hpp"

#include <doctest/doctest.h>

using namespace skald;
using namespace skald::api;

namespace {

constexpr Members::Span kLease{std::chrono::seconds(1), std::chrono::hours(1)};

Request with(std::string body, std::string type = "application/json") {
  Request request;
  request.body = std::move(body);
  if (!type.empty()) request.headers.emplace_back("content-type", std::move(type));
  return request;
}

Json problem_of(const std::optional<Response>& fault) {
  REQUIRE(fault.has_value());
  return *parse_json(fault->body);
}

// The problem of a body of which a text `reason` is asked.
Json fault_of_reason(std::string body) {
  Members members(with(std::move(body)));
  members.text("reason");
  return problem_of(members.fault());
}

}  // namespace

TEST_CASE("members: what is asked for and given is read, and what is null counts as not given") {
  Members members(with(R"({"reason":"late","done":true,"max":7,"lease":"90s","output":[1],"step":null})"));
  CHECK(members.text("reason") == "late");
  CHECK(members.flag("done"));
  CHECK(members.integer("max", {1, 100}) == 7);
  CHECK(members.duration("lease", kLease) == std::chrono::seconds(90));
  CHECK(members.value("output").dump() == "[1]");
  CHECK(!members.text("step"));
  CHECK(!members.fault());
}

TEST_CASE("members: an empty body has none, which is a fault only where one is required") {
  Members empty(with("", ""));
  CHECK(!empty.text("reason"));
  CHECK(!empty.flag("done"));
  CHECK(!empty.fault());
  empty.required_text("step");
  CHECK(problem_of(empty.fault()).get("pointer") == Json("/step"));
}

TEST_CASE("members: what does not fit is 422 with the pointer to it") {
  CHECK(fault_of_reason("{\"re/son\":\"late\"}").get("pointer") == Json("/re~1son"));
  CHECK(fault_of_reason("{\"reason\":5}").get("pointer") == Json("/reason"));
  CHECK(fault_of_reason("{\"reason\":5}").get("status") == Json(422));
  CHECK(fault_of_reason("[]").get("pointer") == Json(""));
  CHECK(fault_of_reason("{\"reason\":\"" + std::string(4'001, 'x') + "\"}").get("pointer") ==
        Json("/reason"));

  const auto pointer = [](std::string body, auto ask) {
    Members members(with(std::move(body)));
    ask(members);
    return problem_of(members.fault()).get("pointer");
  };
  CHECK(pointer("{\"done\":1}", [](Members& m) { m.flag("done"); }) == Json("/done"));
  for (const char* max : {"0", "101", "1.5", "\"7\""})
    CHECK(pointer(std::string("{\"max\":") + max + "}", [](Members& m) {
            m.integer("max", {1, 100});
          }) == Json("/max"));
  for (const char* lease : {"\"500ms\"", "\"61m\"", "\"soon\"", "30"})
    CHECK(pointer(std::string("{\"lease\":") + lease + "}",
                  [](Members& m) { m.duration("lease", kLease); }) == Json("/lease"));
  CHECK(pointer("{\"step\":\"\"}", [](Members& m) { m.required_text("step"); }) == Json("/step"));
}

TEST_CASE("members: of an object inside of a body the pointer leads all the way") {
  Members error(*parse_json(R"({"title":"x","titel":"y"})"), "/error");
  error.required_text("title");
  CHECK(problem_of(error.fault()).get("pointer") == Json("/error/titel"));
  CHECK(problem_of(Members(Json(7), "/error").fault()).get("pointer") == Json("/error"));
}

TEST_CASE("members: a body that is no JSON keeps the problem of its own") {
  Members text(with("reason=late", "text/plain")), broken(with("{oops"));
  CHECK(problem_of(text.fault()).get("status") == Json(415));
  CHECK(problem_of(broken.fault()).get("status") == Json(400));
}
