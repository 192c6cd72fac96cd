// For those who watch the process: /livez (it runs; never touches the database), /readyz (it may get
// requests; ?verbose says what is missing), /metrics (Prometheus text format 0.0.4).
#include <prometheus/text_serializer.h>

#include "api/http/backend.hpp"
#include "api/http/query.hpp"
#include "api/http/respond.hpp"

namespace skald::api {
namespace {

void livez(Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  call.respond(json_response(200, Json::object({{"status", "alive"}})));
}

void readyz(Backend backend, Call call) {
  Query query(call.request);
  const bool verbose = query.flag("verbose");
  if (auto fault = query.fault()) return call.respond(std::move(*fault));
  const auto readiness = backend.engine.readiness();
  Json::Object body;
  body.set("status", readiness.ready ? "ready" : "not-ready");
  if (verbose) body.set("missing", Json(Json::Array(readiness.missing.begin(), readiness.missing.end())));
  Response response = json_response(readiness.ready ? 200 : 503, body);
  if (!readiness.ready) response.headers.emplace_back("Retry-After", "1");
  call.respond(std::move(response));
}

void metrics(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = prometheus::TextSerializer().Serialize(backend.engine.metrics().collect());
  call.respond(std::move(response));
}

}  // namespace

void add_health(Router& router, Backend backend) {
  router.add("GET", "/livez", livez);
  router.add("GET", "/readyz", [backend](Call call) { readyz(backend, std::move(call)); });
  router.add("GET", "/metrics", [backend](Call call) { metrics(backend, std::move(call)); });
}

}  // namespace skald::api
