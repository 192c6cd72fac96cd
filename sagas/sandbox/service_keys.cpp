// Service: each effect once per idempotency key, and its undo.
#include "engine/base/sha256.hpp"
#include "sagas/sandbox/service.hpp"

namespace skald::sandbox {
namespace {

// Two requests under one key must be the same request.
std::string fingerprint(const Request& request) {
  std::string text = request.method + '\n' + request.path + '\n';
  for (const auto& [name, value] : request.query) text += name + '=' + value + '&';
  return sha256_hex(text + '\n' + request.body);
}

// The answer to a request whose key had an effect before.
std::optional<Outcome> known_answer(const KeyRecord& record, const Request& request, const std::string& key) {
  if (!record.effect) return std::nullopt;
  if (record.effect->fingerprint != fingerprint(request))
    return Outcome::without_effect(
        problem_reply(422, "key-reused", "The key belongs to another request",
                      "The key " + key + " came before with another method, path or body"));
  Reply reply{
      record.effect->status, {{"Idempotency-Replayed", "true"}}, "application/json", record.effect->body};
  return Outcome{std::move(reply), false, true, {}};
}

KeyRecord record_of(const Outcome& outcome, const Request& request) {
  return {false, KeptEffect{fingerprint(request), outcome.reply.status, outcome.reply.body, outcome.before}};
}

Json action_seen_by_undo(const KeptEffect& effect) {
  return Json::object({{"before", effect.before}, {"answer", parse_json(effect.body).value()}});
}

}  // namespace

Result<Outcome> Service::act(const Call& call, const RouteMatch& match, const Request& request,
                             const Json& body, Timestamp now) {
  const auto known = storage_.find_key(*call.key);
  if (!known) return known.error();
  if (known->undone)
    return Outcome::without_effect(
        problem_reply(409, "undone", "Already undone",
                      "What came under the key " + *call.key + " was undone before: it is not done again"));
  if (auto answer = known_answer(*known, request, *call.key)) return *answer;

  auto outcome = run(match, request, body, {}, now);
  if (!outcome || !outcome->effect) return outcome;
  if (auto kept = storage_.keep_key(*call.key, record_of(*outcome, request)); !kept) return kept.error();
  return outcome;
}

Result<Outcome> Service::undo(const Call& call, const RouteMatch& match, const Request& request,
                              const Json& body, Timestamp now) {
  const auto key = action_key(*call.key);
  if (!key)
    return Outcome::without_effect(
        problem_reply(400, "invalid-request", "Not the key of an undo",
                      "The key of an undo is that of its action with ':undo' behind it, not " + *call.key));
  const auto repeated = storage_.find_key(*call.key);
  if (!repeated) return repeated.error();
  if (auto answer = known_answer(*repeated, request, *call.key)) return *answer;

  auto action = storage_.find_key(*key);
  if (!action) return action.error();
  if (!action->effect) {
    // The action may still be on its way: from now on it comes too late.
    if (auto kept = storage_.keep_key(*key, {true, {}}); !kept) return kept.error();
    return Outcome::without_effect(
        problem_reply(404, "never-done", "Nothing to undo", "No effect came under the key " + *key));
  }

  auto outcome = run(match, request, body, action_seen_by_undo(*action->effect), now);
  if (!outcome) return outcome;
  // 404 would mean "undone", and the effect is still there.
  if (outcome->reply.status == 404)
    outcome->reply =
        problem_reply(409, "not-found", "What is to be undone is not there", outcome->reply.body);
  if (!outcome->reply.ok()) return outcome;
  action->undone = true;
  if (auto kept = storage_.keep_key(*key, *action); !kept) return kept.error();
  if (auto kept = storage_.keep_key(*call.key, record_of(*outcome, request)); !kept) return kept.error();
  return outcome;
}

Result<Outcome> Service::run(const RouteMatch& match, const Request& request, const Json& body, Json action,
                             Timestamp now) {
  return RouteRun(declaration_, storage_, match, request, body, std::move(action), now).perform();
}

}  // namespace skald::sandbox
