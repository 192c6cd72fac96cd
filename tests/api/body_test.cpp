#include "api/http/body.hpp"

#include <doctest/doctest.h>

using namespace skald;
using namespace skald::api;

namespace {

Request with(std::string body, std::string type = "application/json") {
  Request request;
  request.body = std::move(body);
  if (!type.empty()) request.headers.emplace_back("content-type", std::move(type));
  return request;
}

Json problem_of(const std::variant<Json, Response>& body) {
  const auto* response = std::get_if<Response>(&body);
  REQUIRE(response);
  return *parse_json(response->body);
}

}  // namespace

TEST_CASE("body: JSON is read whatever the case and the parameters of its content type") {
  CHECK(std::get<Json>(json_body(with("{\"a\":1}", "Application/JSON; charset=utf-8"))).dump() ==
        "{\"a\":1}");
  CHECK(std::get<Json>(json_body(with("", ""))).is_null());
}

TEST_CASE("body: another content type is 415, broken JSON is 400 with its place") {
  CHECK(problem_of(json_body(with("{}", "text/plain"))).get("status") == Json(415));
  CHECK(problem_of(json_body(with("{}", ""))).get("status") == Json(415));
  const Json broken = problem_of(json_body(with("{\"a\":\n  oops}")));
  CHECK(broken.get("status") == Json(400));
  CHECK(broken.get("detail").as_string().find("line 2") != std::string::npos);
}
