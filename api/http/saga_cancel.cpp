// POST /v1/sagas/{id}/cancel {reason}: asks for the saga to be undone. 202 when that is recorded (or was
// before), 409 with the reason when it is too late.
#include "api/http/backend.hpp"
#include "api/http/body.hpp"
#include "api/http/problem.hpp"
#include "api/http/query.hpp"
#include "api/http/respond.hpp"

namespace skald::api {
namespace {

Response answer(const Result<runtime::Snapshot>& saga, const std::string& id) {
  if (saga) {
    Response accepted = saga_response(202, *saga);
    accepted.headers.emplace_back("Location", saga_address(saga->state.id));
    return accepted;
  }
  if (saga.error().kind == ErrorKind::NotFound) return unknown_saga(id);
  if (saga.error().kind != ErrorKind::Conflict) return problem(saga.error());
  Json::Object more;
  more.set("saga", id);
  return problem(409, "conflict", "The saga cannot be cancelled", saga.error().message, more);
}

void cancel(Backend backend, Call call) {
  if (auto fault = Query(call.request).fault()) return call.respond(std::move(*fault));
  auto body = text_members(call.request, {"reason"});
  if (auto* fault = std::get_if<Response>(&body)) return call.respond(std::move(*fault));
  const Json reason = std::get<Json>(body).get("reason");
  const auto id = parse_saga_id(call.arguments[0]);
  if (!id) return call.respond(unknown_saga(call.arguments[0]));
  const core::CancelRequested request{reason.is_string() ? reason.as_string() : "", kAnonymous};
  backend.engine.ask_saga(backend.lane, *id, request,
                          [id = to_text(*id), respond = std::move(call.respond)](
                              const Result<runtime::Snapshot>& saga) { respond(answer(saga, id)); });
}

}  // namespace

void add_cancel(Router& router, Backend backend) {
  router.add("POST", "/v1/sagas/{id}/cancel", [backend](Call call) { cancel(backend, std::move(call)); });
}

}  // namespace skald::api
