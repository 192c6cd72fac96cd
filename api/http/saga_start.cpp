// POST /v1/sagas/{name}: the body is the input. What is answered when, and with which status, is decided by
// the saga's events (core::start_answer), so a replay of the request gets the same answer.
#include "api/http/backend.hpp"
#include "api/http/body.hpp"
#include "api/http/idempotency_key.hpp"
#include "api/http/patience.hpp"
#include "api/http/problem.hpp"
#include "api/http/query.hpp"
#include "api/http/respond.hpp"

namespace skald::api {
namespace {

using core::StartAnswer;
using runtime::Started;

constexpr const char* kRetryAfterSeconds = "1";

struct Asked {
  bool with_key = false;
  Patience patience;
};

int status_of(const Started& started) {
  if (!started.answer) return 202;  // the patience has ended
  switch (*started.answer) {
    case StartAnswer::Refused: return 422;
    case StartAnswer::Cancelled: return 409;
    case StartAnswer::Unavailable: return 503;
    case StartAnswer::Created: break;
  }
  if (started.saga.definition->answer_after || !started.waited) return 201;
  return started.saga.state.phase == core::Phase::Ended ? 200 : 202;
}

// Ready for another sentence to follow. Services end theirs with a full stop, or do not.
std::string as_sentence(std::string text) {
  if (text.empty()) return text;
  return text + (text.ends_with('.') ? " " : ". ");
}

// The saga is kept and being undone; the client learns which one, how far it is, and why.
Response undone_response(int status, const Started& started, const Asked& asked) {
  const auto error = started.saga.state.error.value_or(core::Problem{});
  Json::Object more;
  more.set("saga", to_text(started.saga.state.id));
  more.set("undo", core::undo_of(started.saga.state));
  if (!error.step.empty()) more.set("step", error.step);
  if (error.extensions.is_object())
    for (const auto& [key, value] : error.extensions.as_object())
      if (!more.find(key)) more.set(key, value);
  std::string detail = error.detail;
  if (asked.with_key) detail = as_sentence(std::move(detail)) + "Trying again needs a new Idempotency-Key.";
  return problem(status, error.type.empty() ? "rejected" : error.type,
                 error.title.empty() ? "The saga is undone" : error.title, detail, more);
}

Response started_response(const Started& started, const Asked& asked) {
  const int status = status_of(started);
  Response response =
      status >= 400 ? undone_response(status, started, asked) : saga_response(status, started.saga);
  response.headers.emplace_back("Location", saga_address(started.saga.state.id));
  if (status == 503) response.headers.emplace_back("Retry-After", kRetryAfterSeconds);
  if (started.replayed) response.headers.emplace_back("Idempotency-Replayed", "true");
  if (asked.patience.preferred)
    response.headers.emplace_back("Preference-Applied", "wait=" + asked.patience.preferred_seconds);
  return response;
}

Response refused_response(const runtime::InputRefused& refused) {
  Json::Array errors;
  for (const auto& fault : refused.faults)
    errors.push_back(Json::object({{"pointer", fault.pointer}, {"detail", fault.message}}));
  Json::Object more;
  std::string detail = "the input does not fit the definition's schema";
  if (!refused.faults.empty()) {
    const auto& first = refused.faults.front();
    more.set("pointer", first.pointer);
    detail = (first.pointer.empty() ? "the input" : first.pointer) + ": " + first.message;
    if (refused.faults.size() > 1) detail += ", and " + std::to_string(refused.faults.size() - 1) + " more";
  }
  more.set("errors", Json(std::move(errors)));
  return problem(422, "invalid-input", "The input does not fit", detail, more);
}

Response reused_response(const runtime::KeyReused& reused) {
  Json::Object more;
  more.set("saga", to_text(reused.saga));
  return problem(422, "key-reused", "This key was used with another input",
                 "the Idempotency-Key belongs to a saga that was started with another input; a new start "
                 "needs a new key",
                 more);
}

Response answer(const Result<runtime::StartOutcome>& outcome, const Asked& asked) {
  if (!outcome) return problem(outcome.error());
  if (const auto* started = std::get_if<Started>(&*outcome)) return started_response(*started, asked);
  if (const auto* refused = std::get_if<runtime::InputRefused>(&*outcome)) return refused_response(*refused);
  return reused_response(std::get<runtime::KeyReused>(*outcome));
}

void start(Backend backend, Call call) {
  Query query(call.request);
  Asked asked;
  asked.patience = read_patience(call.request, query);
  if (auto fault = query.fault()) return call.respond(std::move(*fault));
  auto key = idempotency_key(call.request);
  if (auto* fault = std::get_if<Response>(&key)) return call.respond(std::move(*fault));
  auto input = json_body(call.request);
  if (auto* fault = std::get_if<Response>(&input)) return call.respond(std::move(*fault));

  runtime::StartRequest request;
  request.definition = call.arguments[0];
  request.input = std::get<Json>(input);
  request.start_key = std::get<std::optional<std::string>>(key);
  request.by = kAnonymous;
  request.wait = asked.patience.wait;
  asked.with_key = request.start_key.has_value();
  backend.engine.start_saga(
      backend.lane, std::move(request),
      [asked, respond = std::move(call.respond)](const Result<runtime::StartOutcome>& outcome) {
        respond(answer(outcome, asked));
      });
}

}  // namespace

void add_start(Router& router, Backend backend) {
  router.add("POST", "/v1/sagas/{name}", [backend](Call call) { start(backend, std::move(call)); });
}

}  // namespace skald::api
