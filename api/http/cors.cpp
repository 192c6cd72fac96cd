#include "api/http/cors.hpp"

#include <algorithm>
#include <utility>

namespace skald::api {
namespace {

constexpr const char* kMethods = "GET, HEAD, POST, PUT, DELETE";
constexpr const char* kRequestHeaders =
    "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, Prefer, traceparent";
// Beyond those that every page may read.
constexpr const char* kResponseHeaders = "ETag, Idempotency-Replayed, Location, Retry-After";
constexpr const char* kPreflightSeconds = "600";

bool may_ask(const Origins& origins, const std::string& origin) {
  return std::any_of(origins.begin(), origins.end(),
                     [&](const std::string& known) { return known == "*" || known == origin; });
}

bool is_preflight(const Request& request) {
  return request.method == "OPTIONS" && request.header("Access-Control-Request-Method");
}

Response preflight_answer() {
  Response response;
  response.status = 204;
  response.headers = {{"Access-Control-Allow-Methods", kMethods},
                      {"Access-Control-Allow-Headers", kRequestHeaders},
                      {"Access-Control-Max-Age", kPreflightSeconds}};
  return response;
}

void name_origin(Response& response, const std::string& origin) {
  response.headers.emplace_back("Access-Control-Allow-Origin", origin);
  response.headers.emplace_back("Access-Control-Expose-Headers", kResponseHeaders);
  response.headers.emplace_back("Vary", "Origin");
}

}  // namespace

Handler with_cors(Origins origins, Handler handler) {
  if (origins.empty()) return handler;
  return [origins = std::move(origins), handler = std::move(handler)](Request request, Responder respond) {
    const std::string* origin = request.header("Origin");
    if (!origin || !may_ask(origins, *origin)) return handler(std::move(request), std::move(respond));
    Responder naming = [origin = *origin, respond = std::move(respond)](Response response) {
      name_origin(response, origin);
      respond(std::move(response));
    };
    if (is_preflight(request)) return naming(preflight_answer());
    handler(std::move(request), std::move(naming));
  };
}

}  // namespace skald::api
