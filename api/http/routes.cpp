// All routes of one lane's server, and the two pages that need no engine.
#include "api/http/backend.hpp"
#include "api/http/openapi.hpp"

namespace skald::api {
namespace {

constexpr std::string_view kRootPage = R"(Skald, an event-sourced saga orchestrator.

  GET  /openapi.json          every route of this API
  GET  /v1/definitions        what can be started
  POST /v1/sagas/{name}       start one; the body is its input
  GET  /v1/sagas              what has been started
  GET  /v1/sagas/{id}/events  the story of one
  GET  /v1/views              read models, and how they stand
  GET  /readyz?verbose        whether this node is ready, and what is missing
)";

Response text(std::string content_type, std::string_view body) {
  Response response;
  response.content_type = std::move(content_type);
  response.body = body;
  return response;
}

}  // namespace

void add_root(Router& router) {
  router.add("GET", "/openapi.json",
             [](Call call) { call.respond(text("application/json", openapi_document())); });
  router.add("GET", "/", [](Call call) { call.respond(text("text/plain; charset=utf-8", kRootPage)); });
}

Router make_router(Backend backend) {
  Router router;
  add_start(router, backend);
  add_saga_list(router, backend);
  add_saga_reads(router, backend);
  add_verbs(router, backend);
  add_signal(router, backend);
  add_events(router, backend);
  add_tasks(router, backend);
  add_definitions(router, backend);
  add_views(router, backend);
  add_health(router, backend);
  add_root(router);
  return router;
}

}  // namespace skald::api
