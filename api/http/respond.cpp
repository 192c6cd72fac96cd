#include "api/http/respond.hpp"

#include <string>

#include "api/http/problem.hpp"
#include "api/http/saga_json.hpp"

namespace skald::api {

Response json_response(int status, const Json& body) {
  Response response;
  response.status = status;
  response.body = body.dump();
  return response;
}

Response saga_response(int status, const runtime::Snapshot& saga) {
  Response response = json_response(status, saga_json(saga));
  response.headers.emplace_back("ETag", etag_of(saga));
  return response;
}

std::string saga_address(const SagaId& id) {
  return "/v1/sagas/" + to_text(id);
}

std::string etag_of(const runtime::Snapshot& saga) {
  return '"' + std::to_string(saga.state.version) + '"';
}

Response accepted_response(const Result<runtime::Snapshot>& saga, const SagaId& id,
                           std::string_view why_not) {
  if (saga) {
    Response accepted = saga_response(202, *saga);
    accepted.headers.emplace_back("Location", saga_address(id));
    return accepted;
  }
  if (saga.error().kind == ErrorKind::NotFound) return unknown_saga(to_text(id));
  if (saga.error().kind != ErrorKind::Conflict) return problem(saga.error());
  Json::Object more;
  more.set("saga", to_text(id));
  return problem(409, "conflict", why_not, saga.error().message, more);
}

Response unknown_saga(std::string_view id) {
  return problem(404, "not-found", "No such saga", "there is no saga with the id " + std::string(id));
}

}  // namespace skald::api
