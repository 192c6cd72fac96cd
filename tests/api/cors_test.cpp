#include "api/http/cors.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace skald::api;

namespace {

Response answer_of(const Handler& handler, std::string method, Fields headers) {
  Request request;
  request.method = std::move(method);
  request.path = "/v1/sagas";
  request.headers = std::move(headers);
  std::optional<Response> answer;
  handler(std::move(request), [&](Response response) { answer = std::move(response); });
  REQUIRE(answer.has_value());
  return *answer;
}

std::string header_of(const Response& response, std::string_view name) {
  const std::string* value = skald::runtime::find_field(response.headers, name);
  return value ? *value : "";
}

void teapot(const Request&, const Responder& respond) {
  Response response;
  response.status = 418;
  respond(response);
}

}  // namespace

TEST_CASE("cors: a preflight of an allowed origin is answered without the handler") {
  const Handler handler = with_cors({"*"}, teapot);
  const Response answer = answer_of(
      handler, "OPTIONS", {{"Origin", "https://shop.example"}, {"Access-Control-Request-Method", "POST"}});
  CHECK(answer.status == 204);
  CHECK(header_of(answer, "Access-Control-Allow-Origin") == "https://shop.example");
  CHECK(header_of(answer, "Access-Control-Allow-Methods").find("POST") != std::string::npos);
  CHECK(header_of(answer, "Access-Control-Allow-Headers").find("Idempotency-Key") != std::string::npos);
  CHECK(header_of(answer, "Access-Control-Allow-Credentials").empty());
}

TEST_CASE("cors: the answers to an allowed origin name it, those to others do not") {
  const Handler handler = with_cors({"https://shop.example"}, teapot);
  const Response allowed = answer_of(handler, "GET", {{"Origin", "https://shop.example"}});
  CHECK(allowed.status == 418);
  CHECK(header_of(allowed, "Access-Control-Allow-Origin") == "https://shop.example");
  CHECK(header_of(allowed, "Vary") == "Origin");
  const Fields strange{{"Origin", "https://shop.example.evil"}, {"Access-Control-Request-Method", "PUT"}};
  CHECK(header_of(answer_of(handler, "OPTIONS", strange), "Access-Control-Allow-Origin").empty());
  CHECK(answer_of(handler, "OPTIONS", strange).status == 418);
  CHECK(header_of(answer_of(handler, "GET", {}), "Access-Control-Allow-Origin").empty());
}

TEST_CASE("cors: without origins nothing is added") {
  CHECK(answer_of(with_cors({}, teapot), "GET", {{"Origin", "https://shop.example"}}).headers.empty());
}
