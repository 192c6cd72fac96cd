#include "sagas/sandbox/service.hpp"

#include "engine/base/log.hpp"
#include "sagas/sandbox/own_routes.hpp"

namespace skald::sandbox {
namespace {

Reply failure_reply(const Error& error) {
  if (error.kind == ErrorKind::Invalid)
    return problem_reply(422, "invalid-request", "The request does not fit", error.message);
  if (error.kind == ErrorKind::Unavailable)
    return problem_reply(503, "unavailable", "The storage is away", error.message);
  return problem_reply(500, "unexpected", "The stand-in service failed", error.message);
}

Reply faulty_reply(int status) {
  if (status < 300) return json_reply(status, Json(Json::Object{}));
  return problem_reply(status, "injected-fault", "Injected fault",
                       "This answer was asked for by PUT /_faults");
}

}  // namespace

std::optional<Fault> Service::strike(const Request& request) {
  const auto call = read_call(request);
  if (is_own_route(request) || !call) return std::nullopt;
  return faults_.strike(request, *call);
}

std::optional<Reply> Service::answer(const Request& request, const std::optional<Fault>& fault,
                                     Timestamp now) {
  if (is_own_route(request)) return own_route(request);
  const auto read = read_call(request);
  const Call call = read ? *read : Call{};

  const bool errs = fault && (fault->status || fault->drop);
  const auto injected = [&]() -> std::optional<Reply> {
    return fault->drop ? std::nullopt : std::optional(faulty_reply(*fault->status));
  };

  std::optional<Reply> reply;
  const auto note = [&](const Outcome& outcome) {
    reply = errs ? injected() : outcome.reply;
    LedgerEntry entry{0, now, call, request.method, request.path, {}, outcome.effect, outcome.replayed, {}};
    if (reply) entry.answer = reply->status;
    if (fault) entry.fault = fault->describe();
    return storage_.append_to_ledger(entry);
  };

  const auto kept = storage_.transact([&]() -> Result<void> {
    if (!read)
      return note(Outcome::without_effect(
          problem_reply(400, "invalid-request", "Invalid header", read.error().message)));
    if (errs && !fault->after_effect) return note(Outcome{});
    auto outcome = judge(request, call, now);
    if (!outcome && outcome.error().kind != ErrorKind::Invalid) return outcome.error();
    return note(outcome ? *outcome : Outcome::without_effect(failure_reply(outcome.error())));
  });
  if (kept) return reply;

  log::error("sandbox {}: {} {}: {}", declaration_.name, request.method, request.path, kept.error().message);
  // The line in the ledger fell with the transaction; that it can be written now is not certain.
  const Outcome failed = Outcome::without_effect(failure_reply(kept.error()));
  (void)storage_.transact([&] { return note(failed); });
  return failed.reply;
}

Result<Outcome> Service::judge(const Request& request, const Call& call, Timestamp now) {
  const bool undoes = call.operation == Operation::Compensate;
  auto found = find_route(declaration_, request);
  if (const auto* none = std::get_if<Reply>(&found)) {
    // 404 would tell the engine that all is undone: a mistyped path must not pass for that.
    if (undoes && none->status == 404)
      return Outcome::without_effect(
          problem_reply(400, "no-route", "No such route", "No route undoes anything at " + request.path));
    return Outcome::without_effect(*none);
  }
  Json body;
  if (!request.body.empty()) {
    auto parsed = parse_json(request.body);
    if (!parsed)
      return Outcome::without_effect(
          problem_reply(400, "invalid-json", "The body is not JSON", parsed.error().message));
    body = std::move(*parsed);
  }
  const auto& match = std::get<RouteMatch>(found);
  if (!call.key) return run(match, request, body, {}, now);
  return undoes ? undo(call, match, request, body, now) : act(call, match, request, body, now);
}

Reply Service::own_route(const Request& request) {
  if (request.path == "/_health") return health(declaration_);
  if (request.path == "/_ledger") return read_ledger(storage_, request);
  if (request.path == "/_faults") return change_faults(faults_, request);
  return problem_reply(404, "no-route", "No such route",
                       "A stand-in service has /_health, /_ledger and /_faults of its own");
}

}  // namespace skald::sandbox
