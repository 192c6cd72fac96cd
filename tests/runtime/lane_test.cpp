#include "engine/runtime/lane.hpp"

#include <doctest/doctest.h>

#include <utility>

#include "engine/core/start_answer.hpp"
#include "tests/runtime/world.hpp"

using namespace skald;
using namespace skald::test;
using namespace std::chrono_literals;

namespace {

const std::string kThreeSteps = R"(
saga: application
answerAfter: qualify
cancelUntil: forever
steps:
  - id: apply
    http: { service: recruitment, method: POST, path: /applications, body: { id: "${ .saga.id }" } }
    compensate: { http: { service: recruitment, method: POST, path: "/applications/${ .saga.id }/cancel" } }
  - id: qualify
    http: { service: qualification, method: POST, path: /checks }
    timeout: 1s
    retry: { maximumAttempts: 1 }
    compensate: none
  - id: enroll
    http: { service: enrollment, method: POST, path: /enrollments }
    retry: { initialInterval: 200ms, maximumInterval: 30s, maximumAttempts: 0, jitter: 0 }
    compensate: { http: { service: enrollment, method: POST, path: /enrollments/cancel } }
)";

const std::vector<std::string> kCompletedStory = {"SagaStarted",   "StepRequested", "StepSucceeded",
                                                  "StepRequested", "StepSucceeded", "StepRequested",
                                                  "StepSucceeded", "SagaEnded"};

std::optional<runtime::CallResult> all_well(const runtime::OutgoingCall&) {
  return answer(200);
}

// Everything else succeeds. Nothing: the call stays open.
auto enrollment_gets(std::optional<runtime::CallResult> result) {
  return [result](const runtime::OutgoingCall& call) {
    return call.target == "/enrollments" ? result : std::optional<runtime::CallResult>(answer(200));
  };
}

std::string status_of(World& world, Node& node, SagaId id) {
  return core::status_of(world.snapshot(node, id).state);
}

}  // namespace

TEST_CASE("lane: three steps that succeed are eight events and three calls") {
  World world(kThreeSteps);
  world.services.script = all_well;
  Node& node = world.start_node();
  const auto pending = world.begin(node, Json::object({}), 30s);
  world.run();
  REQUIRE(pending->outcome);
  CHECK(world.story(pending->id) == kCompletedStory);
  CHECK(world.services.targets() ==
        std::vector<std::string>{"POST /applications", "POST /checks", "POST /enrollments"});
  const auto& first = world.services.calls[0];
  CHECK(first.request.body == "{\"id\":\"" + to_text(pending->id) + "\"}");
  CHECK(first.header("Idempotency-Key") == to_text(pending->id) + ":apply");
  CHECK(first.header("Saga-Operation") == "action");
  CHECK(first.header("Saga-Attempt") == "1");
}

TEST_CASE("lane: a start is answered after its step, while the next one still waits") {
  World world(kThreeSteps);
  world.services.script = [](const runtime::OutgoingCall& call) -> std::optional<runtime::CallResult> {
    if (call.service == "enrollment") return fault(core::CallFailure::NotSent);
    return answer(200);
  };
  Node& node = world.start_node();
  const auto pending = world.begin(node, Json::object({}), 30s);
  world.run();
  REQUIRE(pending->outcome);
  const auto& snapshot = std::get<runtime::Snapshot>(pending->outcome->value());
  CHECK(core::start_answer(*snapshot.definition, snapshot.state) == core::StartAnswer::Created);
  CHECK(core::status_of(snapshot.state) == "running");
  world.services.script = all_well;
  world.pass(1s);
  CHECK(status_of(world, node, pending->id) == "completed");
}

TEST_CASE("lane: patience ends before the step is decided, the saga goes on") {
  World world(kThreeSteps);
  Node& node = world.start_node();  // nobody answers
  const auto pending = world.begin(node, Json::object({}), 300ms);
  world.pass(299ms);
  CHECK(!pending->outcome);
  world.pass(1ms);
  REQUIRE(pending->outcome);
  CHECK(status_of(world, node, pending->id) == "running");
}

TEST_CASE("lane: a refusal undoes what was done") {
  World world(kThreeSteps);
  world.services.script = [](const runtime::OutgoingCall& call) -> std::optional<runtime::CallResult> {
    return call.service == "qualification" ? answer(422, R"({"type":"not-qualified","title":"No skill"})")
                                           : answer(200);
  };
  Node& node = world.start_node();
  const auto pending = world.begin(node, Json::object({}), 30s);
  world.run();
  CHECK(world.services.targets() ==
        std::vector<std::string>{"POST /applications", "POST /checks",
                                 "POST /applications/" + to_text(pending->id) + "/cancel"});
  CHECK(status_of(world, node, pending->id) == "compensated");
  CHECK(world.snapshot(node, pending->id).state.error->title == "No skill");
}

TEST_CASE("lane: a killed node's sagas go on where they were, with the same keys") {
  World world(kThreeSteps);
  world.services.script = [](const runtime::OutgoingCall& call) -> std::optional<runtime::CallResult> {
    if (call.service == "enrollment") return std::nullopt;
    return answer(200);
  };
  Node& first = world.start_node();
  const auto pending = world.begin(first, Json::object({}));
  world.run();
  REQUIRE(world.services.calls.size() == 3);
  world.kill(first);
  world.services.script = all_well;
  Node& second = world.start_node();
  CHECK(status_of(world, second, pending->id) == "completed");
  CHECK(world.story(pending->id) == kCompletedStory);
  REQUIRE(world.services.calls.size() == 4);
  CHECK(world.services.calls[3].header("Idempotency-Key") ==
        world.services.calls[2].header("Idempotency-Key"));
  CHECK(world.services.calls[3].header("Saga-Attempt") == "1");
}

TEST_CASE("lane: a saga that could not be loaded when its partition came is loaded as soon as it can be") {
  World world(kThreeSteps);
  Node& first = world.start_node();
  const auto pending = world.begin(first, Json::object({}));
  world.run();
  world.kill(first);
  world.services.script = all_well;
  // Stands for whatever makes a read fail once: a connection that is cut, a server that is too busy.
  const auto catalog = std::exchange(world.catalog, std::make_shared<sagas::Catalog>());
  world.start_node();
  world.pass(3s);
  CHECK(world.services.calls.size() == 1);
  world.catalog = catalog;
  world.pass(2s);
  CHECK(world.story(pending->id) == kCompletedStory);
}

TEST_CASE("lane: more sagas than are loaded at once are all recovered") {
  World world(kThreeSteps);
  Node& first = world.start_node();
  std::vector<SagaId> sagas;
  for (int i = 0; i < 600; ++i) sagas.push_back(world.begin(first, Json::object({}))->id);
  world.run();
  world.kill(first);
  world.services.script = all_well;
  world.start_node();
  for (const SagaId& id : sagas) CHECK(world.story(id) == kCompletedStory);
}

TEST_CASE("lane: with a cancel recorded, a lost call is not sent again after a restart but undone") {
  World world(kThreeSteps);
  world.services.script = enrollment_gets(std::nullopt);
  Node& first = world.start_node();
  const auto pending = world.begin(first, Json::object({}));
  world.run();
  bool accepted = false;
  first.lane->ask(pending->id, core::CancelRequested{"changed my mind", "ann"},
                  [&](Result<runtime::Snapshot> saga) { accepted = saga.has_value(); });
  world.run();
  CHECK(accepted);
  CHECK(world.services.calls.size() == 3);  // its answer is awaited
  world.kill(first);
  Node& second = world.start_node();
  CHECK(status_of(world, second, pending->id) == "cancelled");
  const std::vector<std::string> targets = world.services.targets();
  CHECK(std::count(targets.begin(), targets.end(), "POST /enrollments") == 1);
  CHECK(std::count(targets.begin(), targets.end(), "POST /enrollments/cancel") == 1);
}

TEST_CASE(
    "lane: a request that was perhaps sent before a restart is undone, even if the second sending is "
    "refused") {
  World world(kThreeSteps);
  world.services.script = enrollment_gets(std::nullopt);
  Node& first = world.start_node();
  const auto pending = world.begin(first, Json::object({}));
  world.run();
  world.kill(first);
  world.services.script = enrollment_gets(answer(422));
  Node& second = world.start_node();
  CHECK(status_of(world, second, pending->id) == "compensated");
  const std::vector<std::string> targets = world.services.targets();
  CHECK(std::count(targets.begin(), targets.end(), "POST /enrollments") == 2);
  CHECK(std::count(targets.begin(), targets.end(), "POST /enrollments/cancel") == 1);
}

TEST_CASE("lane: a call that was perhaps sent before a restart stays so while the saga is paused") {
  World world(kThreeSteps);
  world.services.script = enrollment_gets(std::nullopt);
  Node& first = world.start_node();
  const auto pending = world.begin(first, Json::object({}));
  world.run();
  first.lane->ask(pending->id, core::OperatorPause{"ann", ""}, [](Result<runtime::Snapshot>) {});
  world.run();
  world.kill(first);
  world.services.script = enrollment_gets(answer(422));
  Node& second = world.start_node();
  second.lane->ask(pending->id, core::OperatorResume{"ann", ""}, [](Result<runtime::Snapshot>) {});
  world.run();
  CHECK(status_of(world, second, pending->id) == "compensated");
  const std::vector<std::string> targets = world.services.targets();
  CHECK(std::count(targets.begin(), targets.end(), "POST /enrollments/cancel") == 1);
}

TEST_CASE("lane: a retry whose time comes while a cancel is being written does not leave") {
  World world(kThreeSteps);
  world.services.script = enrollment_gets(fault(core::CallFailure::NotSent));
  Node& node = world.start_node();
  const auto pending = world.begin(node, Json::object({}));
  world.run();
  node.lane->ask(pending->id, core::CancelRequested{"changed my mind", "ann"},
                 [](Result<runtime::Snapshot>) {});
  world.now = world.now + 200ms;
  node.timers.run_due(world.now);
  world.run();
  CHECK(status_of(world, node, pending->id) == "cancelled");
  const std::vector<std::string> targets = world.services.targets();
  CHECK(std::count(targets.begin(), targets.end(), "POST /enrollments") == 1);
}

TEST_CASE("lane: a call whose answer comes while something else is being written is not sent again") {
  World world(R"(
saga: order
steps:
  - { id: pay, http: { service: payment, method: POST, path: /payments }, compensate: none }
  - { id: shipped, waitFor: { event: Shipped } }
)");
  world.services.script = [](const runtime::OutgoingCall&) { return std::nullopt; };
  Node& node = world.start_node();
  const auto pending = world.begin(node, Json::object({}));
  world.run();
  node.log->holds_appends = true;
  node.lane->ask(pending->id, core::EventArrived{"Shipped", Json(), "1", "test", ""},
                 [](Result<runtime::Snapshot>) {});
  world.run();
  world.services.calls.front().answer(answer(422));
  world.run();
  node.log->holds_appends = false;
  node.log->let_go();
  world.run();
  CHECK(world.services.targets() == std::vector<std::string>{"POST /payments"});
  CHECK(status_of(world, node, pending->id) == "compensated");
}

TEST_CASE("lane: branches that wait for one moment have one timer each, whatever else happens meanwhile") {
  World world(R"(
saga: order
steps:
  - id: all
    parallel:
      branches:
        a: [ { id: a1, wait: 10s } ]
        b: [ { id: b1, wait: 10s } ]
        c: [ { id: c1, wait: 10s } ]
)");
  Node& node = world.start_node();
  const auto pending = world.begin(node, Json::object({}));
  world.run();
  const std::size_t timers = node.timers.size();
  for (int i = 0; i < 5; ++i) {
    node.lane->ask(pending->id, core::EventArrived{"Noted", Json(), std::to_string(i), "test", ""},
                   [](Result<runtime::Snapshot>) {});
    world.run();
  }
  CHECK(node.timers.size() == timers);
  world.pass(11s);
  CHECK(status_of(world, node, pending->id) == "completed");
}

TEST_CASE("lane: a saga that waits for long leaves the memory and comes back when it is due") {
  World world(kThreeSteps);
  world.services.script = [](const runtime::OutgoingCall& call) -> std::optional<runtime::CallResult> {
    if (call.service != "enrollment") return answer(200);
    return core::Answer{503, {{"Retry-After", "3600"}}, ""};
  };
  Node& node = world.start_node();
  const auto pending = world.begin(node, Json::object({}));
  world.run();
  CHECK(world.metrics.active_sagas.Value() == 0);
  CHECK(world.store.find_saga(pending->id)->status.due_at.has_value());
  world.services.script = all_well;
  world.pass(3599s);
  CHECK(status_of(world, node, pending->id) == "running");
  world.pass(2s);
  CHECK(status_of(world, node, pending->id) == "completed");
  CHECK(!world.store.find_saga(pending->id)->status.due_at.has_value());
}

TEST_CASE("lane: a parked saga is cancelled like any other") {
  World world(kThreeSteps);
  world.services.script = enrollment_gets(core::Answer{503, {{"Retry-After", "3600"}}, ""});
  Node& node = world.start_node();
  const auto pending = world.begin(node, Json::object({}));
  world.run();
  CHECK(world.metrics.active_sagas.Value() == 0);
  node.lane->ask(pending->id, core::CancelRequested{"", "ann"},
                 [](Result<runtime::Snapshot> saga) { CHECK(saga.has_value()); });
  world.run();
  CHECK(status_of(world, node, pending->id) == "cancelled");
  CHECK(world.metrics.active_sagas.Value() == 0);
}

TEST_CASE("lane: a second start with the same key gets the saga of the first") {
  World world(kThreeSteps);
  world.services.script = all_well;
  Node& node = world.start_node();
  const auto first = world.begin(node, Json::object({}), std::nullopt, "order-1");
  const auto second = world.begin(node, Json::object({}), std::nullopt, "order-1");
  world.run();
  REQUIRE(second->outcome);
  REQUIRE(std::holds_alternative<store::StartKeyTaken>(second->outcome->value()));
  CHECK(std::get<store::StartKeyTaken>(second->outcome->value()).saga == first->id);
  CHECK(world.story(second->id).empty());
}

TEST_CASE("lane: whoever asks for a saga whose start is being written learns what becomes of it") {
  World world(kThreeSteps);
  world.services.script = all_well;
  Node& node = world.start_node();
  const auto pending = world.begin(node, Json::object({}));
  std::optional<Result<runtime::Snapshot>> other;
  const auto at_once = [](const core::Definition&, const core::State&) { return true; };
  node.lane->await(pending->id, at_once, 1s,
                   [&](Result<runtime::Snapshot> saga) { other = std::move(saga); });
  CHECK(!other.has_value());
  world.run();
  REQUIRE(other.has_value());
  REQUIRE(other->has_value());
  CHECK((*other)->state.id == pending->id);
}

TEST_CASE("lane: a full lane refuses a start, and what it accepted goes on") {
  World world(kThreeSteps);
  Node& node = world.start_node();  // nobody answers
  for (int i = 0; i < 1'000; ++i) world.begin(node, Json::object({}));
  const auto refused = world.begin(node, Json::object({}));
  world.run();
  REQUIRE(refused->outcome);
  CHECK(refused->outcome->error().kind == ErrorKind::Unavailable);
  CHECK(world.services.calls.size() == 1'000);
}

TEST_CASE(
    "lane: a draining node sends nothing new, records the answers in flight and hands its partitions over") {
  World world(kThreeSteps);
  Node& node = world.start_node("a");
  const auto pending = world.begin(node, Json::object({}));
  world.run();
  REQUIRE(world.services.calls.size() == 1);
  bool drained = false;
  node.lane->drain(world.now + 10s, [&] { drained = true; });
  world.run();
  CHECK(!drained);
  world.services.calls[0].answer(answer(200));
  world.run();
  CHECK(drained);
  CHECK(world.story(pending->id) ==
        std::vector<std::string>{"SagaStarted", "StepRequested", "StepSucceeded", "StepRequested"});
  CHECK(world.services.calls.size() == 1);
  world.services.script = all_well;
  Node& other = world.start_node("b");
  CHECK(status_of(world, other, pending->id) == "completed");
}

TEST_CASE("lane: a node that slept learns that it lost its sagas before a call of its leaves") {
  World world(kThreeSteps);
  world.services.script = [](const runtime::OutgoingCall& call) -> std::optional<runtime::CallResult> {
    return call.service == "enrollment" ? core::Answer{503, {{"Retry-After", "4"}}, ""} : answer(200);
  };
  Node& sleeper = world.start_node("a");
  const auto pending = world.begin(sleeper, Json::object({}));
  world.run();
  REQUIRE(world.services.calls.size() == 3);
  // Asleep for ten seconds: its timers do not run, and another node takes over.
  auto asleep = std::move(world.nodes[0]);
  world.nodes.clear();
  world.pass(10s);
  Node& other = world.start_node("b");
  world.pass(2s);
  REQUIRE(other.lane->owns(pending->id.partition()));
  const auto sent = world.services.calls.size();
  asleep->timers.run_due(world.now);
  world.run();
  CHECK(world.services.calls.size() == sent);
  CHECK(!asleep->lane->owns(pending->id.partition()));
}

TEST_CASE("lane: the first poll of accepted work waits as long as the service asked for") {
  World world(kThreeSteps);
  world.services.script =
      enrollment_gets(core::Answer{202, {{"Location", "/enrollments/17"}, {"Retry-After", "20"}}, ""});
  Node& node = world.start_node();
  const auto pending = world.begin(node, Json::object({}));
  world.pass(19s);
  CHECK(world.services.targets().back() == "POST /enrollments");
  world.pass(2s);
  CHECK(world.services.targets().back() == "GET /enrollments/17");
  CHECK(status_of(world, node, pending->id) == "completed");
}
