#include "engine/runtime/request.hpp"

#include <array>

#include "engine/base/hex.hpp"
#include "engine/core/event_codec.hpp"
#include "engine/core/render.hpp"

namespace skald::runtime {
namespace {

// FNV-1a (Fowler, Noll, Vo): spreads well, costs a tenth of a digest, and nobody gains by a collision here.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

// W3C Trace Context: one trace per saga, one parent span per operation of a step.
std::string traceparent(const SagaId& saga, std::string_view idempotency_key) {
  std::array<std::uint8_t, 8> span;
  std::uint64_t hash = hash_of(idempotency_key);
  for (std::uint8_t& byte : span) {
    byte = static_cast<std::uint8_t>(hash);
    hash >>= 8;
  }
  return "00-" + to_hex(saga.bytes) + "-" + to_hex(span) + "-01";
}

template <class Call>
void add_own_headers(OutgoingCall& out, const core::Definition& definition, const core::State& state,
                     const Call& call) {
  const std::string key = core::idempotency_key(state.id, call.step, call.operation);
  out.headers.emplace_back("Idempotency-Key", key);
  out.headers.emplace_back("Saga-Id", to_text(state.id));
  out.headers.emplace_back("Saga-Name", definition.name);
  out.headers.emplace_back("Saga-Step", call.step);
  out.headers.emplace_back("Saga-Operation", std::string(core::to_text(call.operation)));
  out.headers.emplace_back("Saga-Attempt", std::to_string(call.attempt));
  out.headers.emplace_back("traceparent", traceparent(state.id, key));
}

template <class Call>
std::optional<Duration> remaining(const Call& call, Timestamp now) {
  if (!call.give_up_at) return std::nullopt;
  return std::max(Duration{0}, *call.give_up_at - now);
}

}  // namespace

Result<OutgoingCall> outgoing_call(const core::Definition& definition, const core::State& state,
                                   const core::Command& command, const Json& secrets, Timestamp now) {
  if (const auto* poll = std::get_if<core::PollLocation>(&command)) {
    const auto& action = std::get<core::HttpAction>(core::action_of(definition, poll->step, poll->operation));
    const auto service = core::render(action, definition, state, poll->step, secrets);
    if (!service) return service.error();
    OutgoingCall out{service->service,     "GET", poll->location, service->headers, {}, {},
                     remaining(*poll, now)};
    add_own_headers(out, definition, state, *poll);
    return out;
  }
  const auto& call = std::get<core::CallService>(command);
  const auto& action = std::get<core::HttpAction>(core::action_of(definition, call.step, call.operation));
  auto request = core::render(action, definition, state, call.step, secrets);
  if (!request) return request.error();
  OutgoingCall out{std::move(request->service),
                   std::string(core::to_text(request->method)),
                   std::move(request->path),
                   std::move(request->headers),
                   {},
                   call.timeout,
                   remaining(call, now)};
  if (!request->query.empty()) out.target += "?" + request->query;
  if (request->body) {
    out.headers.emplace_back("Content-Type", "application/json");
    out.body = request->body->dump();
  }
  add_own_headers(out, definition, state, call);
  return out;
}

}  // namespace skald::runtime
