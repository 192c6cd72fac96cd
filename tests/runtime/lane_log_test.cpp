// What a lane believes about the log: when answers are late, when reads fail, when a partition goes and comes
// back.
#include <doctest/doctest.h>

#include "engine/runtime/lane.hpp"
#include "tests/runtime/world.hpp"

using namespace skald;
using namespace skald::test;
using namespace std::chrono_literals;

namespace {

const std::string kTwoSteps = R"(
saga: application
cancelUntil: forever
steps:
  - id: apply
    http: { service: recruitment, method: POST, path: /applications }
    compensate: { http: { service: recruitment, method: POST, path: "/applications/${ .saga.id }/cancel" } }
  - id: enroll
    http: { service: enrollment, method: POST, path: /enrollments }
    timeout: 1h
    compensate: none
)";

const std::vector<std::string> kCompletedStory = {"SagaStarted",   "StepRequested", "StepSucceeded",
                                                  "StepRequested", "StepSucceeded", "SagaEnded"};

std::optional<runtime::CallResult> all_well(const runtime::OutgoingCall&) {
  return answer(200);
}

std::optional<runtime::CallResult> enrollment_hangs(const runtime::OutgoingCall& call) {
  if (call.service == "enrollment") return std::nullopt;
  return answer(200);
}

// A saga whose second call was never answered because its node was killed.
SagaId left_behind(World& world) {
  world.services.script = enrollment_hangs;
  Node& node = world.start_node("first");
  const auto pending = world.begin(node, Json::object({}));
  world.run();
  REQUIRE(world.services.calls.size() == 2);
  world.kill(node);
  return pending->id;
}

using Found = std::shared_ptr<std::optional<Result<runtime::Snapshot>>>;
Found cancelled(Node& node, SagaId id) {
  auto found = std::make_shared<std::optional<Result<runtime::Snapshot>>>();
  node.lane->ask(id, core::CancelRequested{"changed my mind", "ann"},
                 [found](Result<runtime::Snapshot> saga) { *found = saga; });
  return found;
}
Found awaited(Node& node, SagaId id) {
  auto found = std::make_shared<std::optional<Result<runtime::Snapshot>>>();
  node.lane->await(
      id, [](const core::Definition&, const core::State&) { return true; }, 1s,
      [found](Result<runtime::Snapshot> saga) { *found = saga; });
  return found;
}

}  // namespace

TEST_CASE(
    "lane: what was being read when a partition was lost is not believed when the partition comes back") {
  World world(kTwoSteps);
  const SagaId saga = left_behind(world);
  Node& slow = world.start_node("slow");
  world.store.make_silent("first");
  slow.log->holds_reads = true;
  world.pass(1s);
  REQUIRE(slow.lane->owns(saga.partition()));
  const auto waiting = awaited(slow, saga);

  world.store.make_silent("slow");
  world.services.script = all_well;
  Node& other = world.start_node("other");
  REQUIRE(world.story(saga) == kCompletedStory);
  bool gone = false;
  other.lane->drain(world.now, [&] { gone = true; });
  world.run();
  REQUIRE(gone);
  world.nodes.pop_back();
  world.pass(1s);
  REQUIRE(slow.lane->owns(saga.partition()));
  REQUIRE(waiting->has_value());
  CHECK((*waiting)->error().kind == ErrorKind::Unavailable);

  const auto calls = world.services.calls.size();
  slow.log->holds_reads = false;
  slow.log->let_go();
  world.pass(1s);
  CHECK(world.services.calls.size() == calls);
  CHECK(world.story(saga) == kCompletedStory);
  CHECK(world.snapshot(slow, saga).state.phase == core::Phase::Ended);
}

TEST_CASE(
    "lane: a start of unknown outcome is answered in time, goes on by itself, and asking again finds it") {
  World world(kTwoSteps);
  world.services.script = all_well;
  Node& node = world.start_node();
  node.log->holds_appends = true;
  std::optional<Duration> patience;
  Duration bound = 10s;
  SUBCASE("without patience") {}
  SUBCASE("after the client's patience, where that is longer") {
    patience = bound = 25s;
  }
  const auto first = world.begin(node, Json::object({}), patience, "key");
  world.pass(bound - 1ms);
  CHECK(!first->outcome);
  world.pass(1ms);
  REQUIRE(first->outcome);
  CHECK(first->outcome->error().kind == ErrorKind::Unavailable);
  CHECK(first->outcome->error().message.find("ask again with the same key") != std::string::npos);

  // The log has it already, and says so to whoever asks with the key.
  REQUIRE(world.store.find_start_key("application", "key")->saga == first->id);
  const auto asked = awaited(node, first->id);
  world.run();
  CHECK(!asked->has_value());
  node.log->holds_appends = false;
  node.log->let_go();
  world.run();
  REQUIRE(asked->has_value());
  CHECK((*asked)->value().state.id == first->id);
  CHECK(world.story(first->id) == kCompletedStory);
}

TEST_CASE("lane: a cancel of unknown outcome is answered in time, and is carried out if it was written") {
  World world(kTwoSteps);
  world.services.script = enrollment_hangs;
  Node& node = world.start_node();
  const auto pending = world.begin(node, Json::object({}));
  world.run();
  node.log->holds_appends = true;
  const auto cancel = cancelled(node, pending->id);
  world.pass(10s);
  REQUIRE(cancel->has_value());
  CHECK((*cancel)->error().kind == ErrorKind::Unavailable);
  node.log->holds_appends = false;
  node.log->let_go();
  const auto again = cancelled(node, pending->id);
  world.run();
  REQUIRE(again->has_value());
  CHECK((*again)->has_value());
  world.services.calls[1].answer(answer(200));
  world.run();
  CHECK(core::status_of(world.snapshot(node, pending->id).state) == "cancelled");
}

TEST_CASE("lane: a saga is told from memory only while the writer is known to stand, and else from the log") {
  World world(kTwoSteps);
  world.services.script = enrollment_hangs;
  world.start_node("sleeper");
  const auto pending = world.begin(*world.nodes[0], Json::object({}));
  world.run();
  // Its timers do not run for ten seconds; another node takes over and ends the saga.
  auto sleeper = std::move(world.nodes[0]);
  world.nodes.clear();
  world.now = world.now + 10s;
  world.services.script = all_well;
  world.start_node("other");
  REQUIRE(world.story(pending->id) == kCompletedStory);
  REQUIRE(sleeper->lane->owns(pending->id.partition()));  // as far as it knows
  CHECK(world.snapshot(*sleeper, pending->id).state.phase == core::Phase::Ended);
}
