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

bool errs(const std::optional<Fault>& fault) {
  return fault && (fault->status || fault->drop);
}

std::optional<Reply> injected_reply(const Fault& fault) {
  if (fault.drop) return std::nullopt;
  if (*fault.status < 300) return json_reply(*fault.status, Json(Json::Object{}));
  return problem_reply(*fault.status, "injected-fault", "Injected fault",
                       "This answer was asked for by PUT /_faults");
}

}  // namespace

std::optional<Fault> Service::strike(const Request& request) {
  const auto call = read_call(request);
  if (is_own_route(request) || !call) return std::nullopt;
  return faults_.strike(request, *call);
}

std::optional<Reply> Service::answer(const Asked& asked, Timestamp now) {
  if (is_own_route(asked.request)) return own_route(asked.request);
  std::optional<Reply> reply;
  const auto kept = storage_.transact([&]() -> Result<void> {
    auto served = serve(asked, now);
    if (!served) return served.error();
    reply = std::move(*served);
    return {};
  });
  if (kept) return reply;

  const Request& request = asked.request;
  log::error("sandbox {}: {} {}: {}", declaration_.name, request.method, request.path, kept.error().message);
  const auto call = read_call(request);
  const Outcome failed = Outcome::without_effect(failure_reply(kept.error()));
  // The line in the ledger fell with the transaction; that it can be written now is not certain.
  (void)storage_.transact([&]() -> Result<void> {
    const auto written = noted(asked, call ? *call : Call{}, failed, now);
    if (!written) return written.error();
    return {};
  });
  return failed.reply;
}

std::vector<std::optional<Reply>> Service::answer_all(const std::vector<Asked>& all, Timestamp now) {
  std::vector<std::optional<Reply>> replies;
  const auto kept = storage_.transact([&]() -> Result<void> {
    for (const Asked& asked : all) {
      auto served = serve(asked, now);
      if (!served) return served.error();
      replies.push_back(std::move(*served));
    }
    return {};
  });
  if (kept) return replies;
  // One of them took what the others did back with it, so each one gets a transaction of its own.
  replies.clear();
  for (const Asked& asked : all) replies.push_back(answer(asked, now));
  return replies;
}

Result<std::optional<Reply>> Service::serve(const Asked& asked, Timestamp now) {
  const auto call = read_call(asked.request);
  if (!call) {
    const auto refused = problem_reply(400, "invalid-request", "Invalid header", call.error().message);
    return noted(asked, {}, Outcome::without_effect(refused), now);
  }
  if (errs(asked.fault) && !asked.fault->after_effect) return noted(asked, *call, {}, now);
  const auto outcome = judge(asked.request, *call, now);
  if (outcome) return noted(asked, *call, *outcome, now);
  if (outcome.error().kind != ErrorKind::Invalid) return outcome.error();
  return noted(asked, *call, Outcome::without_effect(failure_reply(outcome.error())), now);
}

// Its line in the ledger; the reply is what the fault makes of the outcome.
Result<std::optional<Reply>> Service::noted(const Asked& asked, const Call& call, const Outcome& outcome,
                                            Timestamp now) {
  const auto& [request, fault] = asked;
  const auto reply = errs(fault) ? injected_reply(*fault) : std::optional(outcome.reply);
  LedgerEntry entry{0, now, call, request.method, request.path, {}, outcome.effect, outcome.replayed, {}};
  if (reply) entry.answer = reply->status;
  if (fault) entry.fault = fault->describe();
  if (auto kept = storage_.append_to_ledger(entry); !kept) return kept.error();
  return reply;
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
