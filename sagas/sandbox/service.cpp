#include "sagas/sandbox/service.hpp"

#include "engine/base/log.hpp"
#include "engine/base/sha256.hpp"
#include "sagas/sandbox/own_routes.hpp"

namespace skald::sandbox {
namespace {

// Two requests under one key must be the same request.
std::string fingerprint(const Request& request) {
  std::string text = request.method + '\n' + request.path + '\n';
  for (const auto& [name, value] : request.query) text += name + '=' + value + '&';
  return sha256_hex(text + '\n' + request.body);
}

Outcome without_effect(Reply reply) {
  return {std::move(reply), false, false, {}};
}

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

Outcome replay(const KeptEffect& effect) {
  Reply reply{effect.status, {{"Idempotency-Replayed", "true"}}, "application/json", effect.body};
  return {std::move(reply), false, true, {}};
}

Reply key_reused(const std::string& key) {
  return problem_reply(422, "key-reused", "The key belongs to another request",
                       "The key " + key + " came before with another method, path or body");
}

Json action_seen_by_undo(const KeptEffect& effect) {
  return Json::object({{"before", effect.before}, {"answer", parse_json(effect.body).value()}});
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
      return note(
          without_effect(problem_reply(400, "invalid-request", "Invalid header", read.error().message)));
    if (errs && !fault->after_effect) return note(Outcome{});
    auto outcome = judge(request, call, now);
    if (!outcome && outcome.error().kind != ErrorKind::Invalid) return outcome.error();
    return note(outcome ? *outcome : without_effect(failure_reply(outcome.error())));
  });
  if (kept) return reply;

  log::error("sandbox {}: {} {}: {}", declaration_.name, request.method, request.path, kept.error().message);
  // The line in the ledger fell with the transaction; that it can be written now is not certain.
  const Outcome failed = without_effect(failure_reply(kept.error()));
  (void)storage_.transact([&] { return note(failed); });
  return failed.reply;
}

Result<Outcome> Service::judge(const Request& request, const Call& call, Timestamp now) {
  const bool undoes = call.operation == Operation::Compensate;
  auto found = find_route(declaration_, request);
  if (const auto* none = std::get_if<Reply>(&found)) {
    // 404 would tell the engine that all is undone: a mistyped path must not pass for that.
    if (undoes && none->status == 404)
      return without_effect(
          problem_reply(400, "no-route", "No such route", "No route undoes anything at " + request.path));
    return without_effect(*none);
  }
  Json body;
  if (!request.body.empty()) {
    auto parsed = parse_json(request.body);
    if (!parsed)
      return without_effect(
          problem_reply(400, "invalid-json", "The body is not JSON", parsed.error().message));
    body = std::move(*parsed);
  }
  const auto& match = std::get<RouteMatch>(found);
  if (!call.key) return run(match, request, body, {}, now);
  return undoes ? undo(call, match, request, body, now) : act(call, match, request, body, now);
}

Result<Outcome> Service::act(const Call& call, const RouteMatch& match, const Request& request,
                             const Json& body, Timestamp now) {
  const auto known = storage_.find_key(*call.key);
  if (!known) return known.error();
  if (known->undone)
    return without_effect(
        problem_reply(409, "undone", "Already undone",
                      "What came under the key " + *call.key + " was undone before: it is not done again"));
  if (known->effect && known->effect->fingerprint != fingerprint(request))
    return without_effect(key_reused(*call.key));
  if (known->effect) return replay(*known->effect);

  auto outcome = run(match, request, body, {}, now);
  if (!outcome || !outcome->effect) return outcome;
  const KeptEffect effect{fingerprint(request), outcome->reply.status, outcome->reply.body, outcome->before};
  if (auto kept = storage_.keep_key(*call.key, {false, effect}); !kept) return kept.error();
  return outcome;
}

Result<Outcome> Service::undo(const Call& call, const RouteMatch& match, const Request& request,
                              const Json& body, Timestamp now) {
  const auto key = action_key(*call.key);
  if (!key)
    return without_effect(
        problem_reply(400, "invalid-request", "Not the key of an undo",
                      "The key of an undo is that of its action with ':undo' behind it, not " + *call.key));
  const auto repeated = storage_.find_key(*call.key);
  if (!repeated) return repeated.error();
  if (repeated->effect && repeated->effect->fingerprint != fingerprint(request))
    return without_effect(key_reused(*call.key));
  if (repeated->effect) return replay(*repeated->effect);

  auto action = storage_.find_key(*key);
  if (!action) return action.error();
  if (!action->effect) {
    // The action may still be on its way: from now on it comes too late.
    if (auto kept = storage_.keep_key(*key, {true, {}}); !kept) return kept.error();
    return without_effect(
        problem_reply(404, "never-done", "Nothing to undo", "No effect came under the key " + *key));
  }

  auto outcome = run(match, request, body, action_seen_by_undo(*action->effect), now);
  if (!outcome || outcome->reply.status == 404) {
    // 404 means "undone", and the effect is still there.
    if (outcome)
      outcome->reply =
          problem_reply(409, "not-found", "What is to be undone is not there", outcome->reply.body);
    return outcome;
  }
  if (!outcome->reply.ok()) return outcome;
  action->undone = true;
  if (auto kept = storage_.keep_key(*key, *action); !kept) return kept.error();
  const KeptEffect effect{fingerprint(request), outcome->reply.status, outcome->reply.body, outcome->before};
  if (auto kept = storage_.keep_key(*call.key, {false, effect}); !kept) return kept.error();
  return outcome;
}

Result<Outcome> Service::run(const RouteMatch& match, const Request& request, const Json& body, Json action,
                             Timestamp now) {
  return RouteRun(declaration_, storage_, match, request, body, std::move(action), now).perform();
}

Reply Service::own_route(const Request& request) {
  if (request.path == "/_health") return health(declaration_);
  if (request.path == "/_ledger") return read_ledger(storage_, request);
  if (request.path == "/_faults") return change_faults(faults_, request);
  return problem_reply(404, "no-route", "No such route",
                       "A stand-in service has /_health, /_ledger and /_faults of its own");
}

}  // namespace skald::sandbox
