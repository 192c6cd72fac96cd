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
    compensate: none
)";

long count(const std::vector<std::string>& story, const std::string& type) {
  return std::count(story.begin(), story.end(), type);
}

}  // namespace

TEST_CASE("gate: sagas wait for an open circuit in their order, say so once, and spend no attempt") {
  World world(kTwoServices);
  bool open = true;
  world.services.script = [](const auto&) { return answer(200); };
  world.services.gate = [&](const std::string& service) -> std::optional<runtime::GateClosed> {
    if (service != "shipping" || !open) return std::nullopt;
    return runtime::GateClosed{world.now + 5s, true};
  };
  Node& node = world.start_node();
  std::vector<SagaId> sagas;
  for (int i = 0; i < 20; ++i) sagas.push_back(world.begin(node, Json::object({}))->id);
  world.run();
  world.pass(12s);  // looks three times at an open circuit
  for (const SagaId& id : sagas) {
    CHECK(core::status_of(world.snapshot(node, id).state) == "waiting");
    CHECK(count(world.story(id), "StepWaiting") == 1);
  }
  CHECK(world.services.calls.size() == 20);

  open = false;
  world.pass(6s);
  for (const SagaId& id : sagas) {
    CHECK(core::status_of(world.snapshot(node, id).state) == "completed");
    CHECK(count(world.story(id), "AttemptFailed") == 0);
  }
  CHECK(world.services.calls.size() == 40);
}

TEST_CASE("gate: a cancel does not wait for an open circuit, and the call never leaves") {
  World world(kTwoServices);
  bool open = true;
  world.services.script = [](const auto&) { return answer(200); };
  world.services.gate = [&](const std::string& service) -> std::optional<runtime::GateClosed> {
    if (service != "shipping" || !open) return std::nullopt;
    return runtime::GateClosed{world.now + 5s, true};
  };
  Node& node = world.start_node();
  const SagaId id = world.begin(node, Json::object({}))->id;
  world.run();
  node.lane->ask(id, core::CancelRequested{"no", "ann"}, [](Result<runtime::Snapshot>) {});
  world.run();
  open = false;
  world.pass(10s);
  CHECK(core::status_of(world.snapshot(node, id).state) == "cancelled");
  for (const std::string& target : world.services.targets()) CHECK(target != "POST /shipments");
}

TEST_CASE("gate: a rate limit delays calls without a word in the log") {
  World world(kTwoServices);
  Timestamp next = world.now;
  world.services.script = [](const auto&) { return answer(200); };
  world.services.gate = [&](const std::string& service) -> std::optional<runtime::GateClosed> {
    if (service != "shipping") return std::nullopt;
    if (world.now < next) return runtime::GateClosed{next, false};
    next = world.now + 100ms;
    return std::nullopt;
  };
  Node& node = world.start_node();
  std::vector<SagaId> sagas;
  for (int i = 0; i < 10; ++i) sagas.push_back(world.begin(node, Json::object({}))->id);
  world.run();
  world.pass(450ms);
  const auto ended = [&] {
    return std::count_if(sagas.begin(), sagas.end(), [&](const SagaId& id) {
      return core::status_of(world.snapshot(node, id).state) == "completed";
    });
  };
  CHECK(ended() == 5);
  world.pass(600ms);
  CHECK(ended() == 10);
  for (const SagaId& id : sagas) CHECK(count(world.story(id), "StepWaiting") == 0);
}

}  // namespace skald::test
