#include "api/http/router.hpp"

#include <doctest/doctest.h>

#include <optional>

#include "engine/base/json.hpp"

using namespace skald;
using namespace skald::api;

namespace {

Request request(std::string method, std::vector<std::string> segments) {
  Request request;
  request.method = std::move(method);
  for (const auto& segment : segments) request.path += "/" + segment;
  request.segments = std::move(segments);
  return request;
}

Action says(const std::string& word) {
  return [word](Call call) {
    Response response;
    response.body = word;
    for (const auto& argument : call.arguments) response.body += " " + argument;
    call.respond(std::move(response));
  };
}

Router example() {
  Router router;
  router.add("GET", "/v1/sagas", says("list"));
  router.add("POST", "/v1/sagas/{name}", says("start"));
  router.add("GET", "/v1/sagas/{id}", says("read"));
  router.add("POST", "/v1/sagas/{id}/cancel", says("cancel"));
  router.add("POST", "/v1/definitions:validate", says("validate"));
  router.add("GET", "/v1/definitions/{name}/versions/{n}", says("version"));
  router.add("GET", "/", says("root"));
  return router;
}

Response answer(Request request) {
  std::optional<Response> got;
  example().route(std::move(request), [&](Response response) { got = std::move(response); });
  REQUIRE(got);
  return *got;
}

}  // namespace

TEST_CASE("router: a request reaches the action of its method and path, with the pattern's arguments") {
  CHECK(answer(request("GET", {"v1", "sagas"})).body == "list");
  CHECK(answer(request("POST", {"v1", "sagas", "order"})).body == "start order");
  CHECK(answer(request("GET", {"v1", "sagas", "7"})).body == "read 7");
  CHECK(answer(request("POST", {"v1", "sagas", "7", "cancel"})).body == "cancel 7");
  CHECK(answer(request("POST", {"v1", "definitions:validate"})).body == "validate");
  CHECK(answer(request("GET", {"v1", "definitions", "a b", "versions", "3"})).body == "version a b 3");
  CHECK(answer(request("GET", {})).body == "root");
}

TEST_CASE("router: HEAD is served where GET is") {
  CHECK(answer(request("HEAD", {"v1", "sagas"})).body == "list");
}

TEST_CASE("router: an unknown path is a problem with 404") {
  for (const auto& path : std::vector<std::vector<std::string>>{{"v2"},
                                                                {"v1"},
                                                                {"v1", "sagas", "7", "events", "x"},
                                                                {"v1", "sagas", ""},
                                                                {"v1", "sagas", "7", ""},
                                                                {""}}) {
    const auto response = answer(request("GET", path));
    CHECK(response.status == 404);
    CHECK(response.content_type == "application/problem+json");
    CHECK(parse_json(response.body)->get("type") == Json("not-found"));
  }
}

TEST_CASE("router: a method that is not served is a problem with 405 and says what is") {
  const auto response = answer(request("DELETE", {"v1", "sagas", "7"}));
  CHECK(response.status == 405);
  const auto* allowed = runtime::find_field(response.headers, "Allow");
  REQUIRE(allowed);
  CHECK(*allowed == "POST, GET, HEAD");
}

TEST_CASE("router: methods are case-sensitive") {
  CHECK(answer(request("get", {"v1", "sagas"})).status == 405);
}
