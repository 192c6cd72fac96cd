// POST /v1/sagas/{id}/signals/{event}: an event to this one saga. 202 when it is kept; the same
// Idempotency-Key is kept once.
#include "api/http/backend.hpp"
#include "api/http/body.hpp"
#include "api/http/idempotency_key.hpp"
#include "api/http/problem.hpp"
#include "api/http/query.hpp"
#include "api/http/respond.hpp"

namespace skald::api {
namespace {

// What `.event.source` says of a signal.
constexpr const char* kSource = "signal";

Response unnamed_event(const Error& error, const SagaId& id) {
  Json::Object more;
  more.set("saga", to_text(id));
  return problem(422, "invalid-request", "No such event", error.message, more);
}

void signal(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  auto key = idempotency_key(call.request);
  if (auto* fault = std::get_if<Response>(&key)) return call.respond(std::move(*fault));
  auto body = json_body(call.request);
  if (auto* fault = std::get_if<Response>(&body)) return call.respond(std::move(*fault));
  const auto id = parse_saga_id(call.arguments[0]);
  if (!id) return call.respond(unknown_saga(call.arguments[0]));
  const auto& event_id = std::get<std::optional<std::string>>(key);
  const core::EventArrived event{call.arguments[1], std::get<Json>(body), event_id.value_or(""), kSource, ""};
  backend.engine.ask_saga(
      backend.lane, *id, event,
      [id = *id, respond = std::move(call.respond)](const Result<runtime::Snapshot>& saga) {
        if (!saga && saga.error().kind == ErrorKind::Invalid) return respond(unnamed_event(saga.error(), id));
        respond(accepted_response(saga, id, "The signal is not kept"));
      });
}

}  // namespace

void add_signal(Router& router, Backend backend) {
  router.add("POST", "/v1/sagas/{id}/signals/{event}",
             [backend](Call call) { signal(backend, std::move(call)); });
}

}  // namespace skald::api
