// Sagas that wait for the gate of a service: an open circuit, a rate limit.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

#include "tests/runtime/world.hpp"

namespace skald::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kTwoServices = R"(
saga: order
steps:
  - id: reserve
    http: { service: stock, method: POST, path: /reservations }
    compensate: { http: { service: stock, method: POST, path: /reservations/cancel } }
  - id: ship
    http: { service: shipping, method: POST, path: /shipments }
    compensate: { http: { service: shipping, method: POST, path: /shipments/cancel } }
)";

constexpr const char* kAnsweredByShipping = R"(
saga: order
answerAfter: ship
steps:
  - id: ship
    http: { service: shipping, method: POST, path: /shipments }
    compensate: { http: { service: shipping, method: POST, path: /shipments/cancel } }
)";

long count(const std::vector<std::string>& story, const std::string& type) {
  return std::count(story.begin(), story.end(), type);
}

// Two services that answer 200; what `shipping_closed` says keeps calls from the second one.
struct GateWorld : World {
  explicit GateWorld(const char* definition = kTwoServices) : World(definition) {
    services.script = [](const auto&) { return answer(200); };
    services.gate = [this](const std::string& service) -> std::optional<runtime::GateClosed> {
      return service == "shipping" ? shipping_closed() : std::nullopt;
    };
    node = &start_node();
  }
  std::vector<SagaId> begin_sagas(int many) {
    std::vector<SagaId> sagas;
    for (int i = 0; i < many; ++i) sagas.push_back(begin(*node, Json::object({}))->id);
    run();
    return sagas;
  }
  std::string status(SagaId id) { return core::status_of(snapshot(*node, id).state); }

  bool open = true;  // the circuit of shipping
  std::function<std::optional<runtime::GateClosed>()> shipping_closed =
      [this]() -> std::optional<runtime::GateClosed> {
    if (!open) return std::nullopt;
    return runtime::GateClosed{now + 5s, true};
  };
  Node* node = nullptr;
};

}  // namespace

TEST_CASE("gate: sagas wait for an open circuit in their order, say so once, and spend no attempt") {
  GateWorld world;
  const auto sagas = world.begin_sagas(20);
  world.pass(12s);  // looks three times at an open circuit
  for (const SagaId& id : sagas) {
    CHECK(world.status(id) == "waiting");
    CHECK(count(world.story(id), "StepWaiting") == 1);
  }
  CHECK(world.services.calls.size() == 20);

  world.open = false;
  world.pass(6s);
  for (const SagaId& id : sagas) {
    CHECK(world.status(id) == "completed");
    CHECK(count(world.story(id), "AttemptFailed") == 0);
  }
  CHECK(world.services.calls.size() == 40);
}

TEST_CASE(
    "gate: a cancel does not wait for an open circuit; the call has not left, so nothing of it is undone") {
  GateWorld world;
  const SagaId id = world.begin_sagas(1).front();
  world.node->lane->ask(id, core::CancelRequested{"no", "ann"}, [](Result<runtime::Snapshot>) {});
  world.run();
  world.open = false;
  world.pass(10s);
  CHECK(world.status(id) == "cancelled");
  for (const std::string& target : world.services.targets())
    CHECK(target.find("/shipments") == std::string::npos);
}

TEST_CASE("gate: a call that was perhaps sent before a crash, and is refused by an open circuit, is undone") {
  GateWorld world(kAnsweredByShipping);
  world.open = false;
  world.services.script = [](const runtime::OutgoingCall& call) -> std::optional<runtime::CallResult> {
    if (call.target == "/shipments") return std::nullopt;
    return answer(200);
  };
  const SagaId id = world.begin_sagas(1).front();
  world.kill(*world.node);
  world.open = true;
  world.node = &world.start_node();
  world.run();
  world.open = false;
  world.pass(6s);
  CHECK(world.status(id) == "compensated");
  const auto targets = world.services.targets();
  CHECK(count(targets, "POST /shipments") == 1);
  CHECK(count(targets, "POST /shipments/cancel") == 1);
}

TEST_CASE("gate: a rate limit delays calls without a word in the log") {
  GateWorld world;
  Timestamp next = world.now;
  world.shipping_closed = [&]() -> std::optional<runtime::GateClosed> {
    if (world.now < next) return runtime::GateClosed{next, false};
    next = world.now + 100ms;
    return std::nullopt;
  };
  const auto sagas = world.begin_sagas(10);
  world.pass(450ms);
  const auto ended = [&] {
    return std::count_if(sagas.begin(), sagas.end(),
                         [&](const SagaId& id) { return world.status(id) == "completed"; });
  };
  CHECK(ended() == 5);
  world.pass(600ms);
  CHECK(ended() == 10);
  for (const SagaId& id : sagas) CHECK(count(world.story(id), "StepWaiting") == 0);
}

}  // namespace skald::test
