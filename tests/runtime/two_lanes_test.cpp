// What happens between sagas and between lanes: workers that wait on several, events with receivers of every
// kind, children that are asked for again.
#include <doctest/doctest.h>

#include <algorithm>

#include "engine/core/waiting.hpp"
#include "tests/runtime/lanes_world.hpp"

namespace skald::test {
namespace {

using runtime::LeasedTask;
using Strings = std::vector<std::string>;

const std::string kPacking = R"(
saga: packing
steps:
  - id: pack
    task: { queue: packing, body: { order: "${ .saga.id }" } }
    compensate: none
)";

// The answer to a poll, once there is one.
struct Poll {
  std::optional<Result<std::vector<LeasedTask>>> answer;
  std::size_t tasks() const { return answer ? answer->value().size() : 0; }
};

std::shared_ptr<Poll> poll(LanesWorld& world, std::size_t lane, const std::string& worker) {
  auto poll = std::make_shared<Poll>();
  runtime::TaskPoll asked{"packing", worker, 1, std::chrono::minutes(1), std::chrono::minutes(1)};
  world.engine().poll_tasks(
      lane, asked, [poll](Result<std::vector<LeasedTask>> tasks) { poll->answer = std::move(tasks); });
  return poll;
}

LeasedTask take(LanesWorld& world, const std::string& worker = "w") {
  const auto polled = poll(world, 0, worker);
  world.turn_all();
  REQUIRE(polled->tasks() == 1);
  return polled->answer->value().front();
}

void begin(LanesWorld& world, std::size_t lane) {
  runtime::StartRequest request;
  request.definition = "packing";
  world.engine().start_saga(lane, std::move(request), [](Result<runtime::StartOutcome>) {});
}

Result<runtime::Snapshot> say_done(LanesWorld& world, const std::string& task) {
  const auto name = runtime::parse_task_name(task);
  if (!name) return name.error();
  return world.answer<runtime::Snapshot>([&](auto done) {
    world.engine().decide_task(0, *name, core::TaskDone{name->step, name->operation, name->attempt, Json()},
                               done);
  });
}

runtime::EventToDeliver event(const std::string& name, const std::string& key) {
  runtime::EventToDeliver event;
  event.name = name;
  event.key = key;
  event.source = "test";
  event.id = "1";
  return event;
}

runtime::Reached deliver(LanesWorld& world, const runtime::EventToDeliver& event) {
  return world.answer<runtime::Reached>([&](auto done) { world.engine().deliver_event(0, event, done); })
      .value();
}

bool contains(const Strings& story, const std::string& type) {
  return std::find(story.begin(), story.end(), type) != story.end();
}

}  // namespace

TEST_CASE("poll: a worker that is called and has its task already passes the call on to the next") {
  LanesWorld world({kPacking}, {.lanes = 3});
  const auto first = poll(world, 2, "first"), second = poll(world, 2, "second");
  world.turn_all();
  REQUIRE(!first->answer);
  // Both lanes call the first worker before it hears of either.
  begin(world, 0);
  begin(world, 1);
  world.turn({0, 1});
  world.turn_all();
  CHECK(first->tasks() == 1);
  CHECK(second->tasks() == 1);
}

TEST_CASE("poll: a task that is offered while a worker is being answered is another worker's") {
  LanesWorld world({kPacking});
  begin(world, 0);
  world.turn_all();
  const auto first = poll(world, 0, "first"), second = poll(world, 0, "second");
  begin(world, 0);
  world.turn_all();
  CHECK(first->tasks() == 1);
  CHECK(second->tasks() == 1);
}

TEST_CASE("task: a word counts by its lease, and what never was a task is not found") {
  LanesWorld world({kPacking});
  const SagaId saga = world.start("packing", Json::object({}));
  const LeasedTask task = take(world);
  const std::string one = to_text(saga) + ":pack:1:", lease = task.id.substr(task.id.rfind(':') + 1);
  REQUIRE(task.id == one + lease);
  const auto refusal = [&](const std::string& id) { return say_done(world, id).error().kind; };
  CHECK(refusal(one + std::to_string((std::stoul(lease) + 1) % 1'000)) == ErrorKind::Conflict);
  CHECK(refusal(to_text(saga) + ":pack:2:" + lease) == ErrorKind::NotFound);
  CHECK(refusal(to_text(saga) + ":pack:0:" + lease) == ErrorKind::NotFound);
  CHECK(refusal(to_text(saga) + ":pack:undo:1:" + lease) == ErrorKind::NotFound);
  CHECK(refusal(to_text(saga) + ":ship:1:" + lease) == ErrorKind::NotFound);
  CHECK(refusal(to_text(saga) + ":pack:1") == ErrorKind::NotFound);
  CHECK(say_done(world, task.id).has_value());
  CHECK(refusal(task.id) == ErrorKind::Conflict);
  CHECK(world.status(saga) == "completed");
}

TEST_CASE("task: the lease of a worker from before a crash is not the one that another worker has now") {
  LanesWorld world({kPacking});
  const SagaId saga = world.start("packing", Json::object({}));
  const LeasedTask lost = take(world, "lost");
  world.restart();
  const LeasedTask again = take(world, "other");
  CHECK(again.attempt == lost.attempt);
  CHECK(say_done(world, lost.id).error().kind == ErrorKind::Conflict);
  CHECK(say_done(world, again.id).has_value());
  CHECK(world.status(saga) == "completed");
}

TEST_CASE("asking: an id whose partition this database does not have is the id of no saga") {
  LanesWorld world({kPacking});
  Random random(1);
  const SagaId nobody = new_saga_id(system_now(), {60'000}, random);
  CHECK(world.ask(nobody, core::CancelRequested{"", "ann"}).error().kind == ErrorKind::NotFound);
}

namespace {

const std::string kShop = R"(
saga: shop
businessKey: ${ .input.customer }
steps:
  - id: payment
    waitFor: { event: paid }
  - id: note
    waitFor: { event: noted }
)";
const std::string kNotes = R"(
saga: notes
businessKey: ${ .input.about }
startOn: { event: noted, input: "${ { about: .event.data.about } }" }
steps:
  - id: again
    waitFor: { event: noted }
)";

}  // namespace

TEST_CASE("delivery: a saga without room keeps the event from nobody else, and is told of") {
  LanesWorld world({kShop, kNotes});
  const auto customer = [] { return Json::object({{"customer", "ann"}}); };
  const SagaId full = world.start("shop", customer()), other = world.start("shop", customer());
  for (std::size_t i = 0; i < core::kMostKeptEvents; ++i)
    REQUIRE(world.ask(full, core::EventArrived{"noted", Json(static_cast<std::int64_t>(i)), "", "", ""})
                .has_value());
  CHECK(world.ask(full, core::EventArrived{"noted", Json(), "", "", ""}).error().kind ==
        ErrorKind::LimitReached);

  auto noted = event("noted", "ann");
  noted.data = Json::object({{"about", "ann"}});
  const auto reached = deliver(world, noted);
  CHECK(reached.sagas == 2);  // the other one, and the one that it started
  CHECK(reached.full == std::vector<SagaId>{full});
  CHECK(world.saga(other).state.kept.size() == 1);
  CHECK(world.of_definition("notes").size() == 1);

  // What it waits for it takes all the same. When it has room, it gets what it could not take, and nobody
  // else gets it twice.
  REQUIRE(world.ask(full, core::EventArrived{"paid", Json(), "", "", ""}).has_value());
  REQUIRE(world.status(full) == "completed");
  const auto later = deliver(world, noted);
  CHECK(later.full.empty());
  CHECK(world.saga(other).state.kept.size() == 1);
}

TEST_CASE("delivery: a saga is not told the event that started it, however often that is delivered") {
  LanesWorld world({kNotes});
  auto noted = event("noted", "ann");
  noted.data = Json::object({{"about", "ann"}});
  for (int i = 0; i < 3; ++i) CHECK(deliver(world, noted).sagas == 1);
  const auto started = world.of_definition("notes");
  REQUIRE(started.size() == 1);
  CHECK(world.story(started.front()) == Strings{"SagaStarted", "StepRequested", "StepWaiting"});
  noted.id = "2";
  CHECK(deliver(world, noted).sagas == 2);
  CHECK(world.status(started.front()) == "completed");
}

TEST_CASE(
    "start: an event starts what its where fits, with the input it makes, once, and visibly if that does not "
    "fit") {
  LanesWorld world({R"(
saga: greeting
businessKey: ${ .input.name }
input:
  schema: { type: object, properties: { name: { type: string } } }
startOn: { event: arrived, where: "${ .event.data.guest }", input: "${ { name: .event.data.who } }" }
steps:
  - id: hello
    set: { said: true }
)"});
  const auto arrived = [](bool guest, Json who, const char* id) {
    auto arrived = event("arrived", "door");
    arrived.data = Json::object({{"guest", guest}, {"who", std::move(who)}});
    arrived.id = id;
    return arrived;
  };
  CHECK(deliver(world, arrived(false, "ann", "1")).sagas == 0);
  CHECK(world.of_definition("greeting").empty());
  for (int i = 0; i < 2; ++i) CHECK(deliver(world, arrived(true, "ann", "2")).sagas == 1);
  REQUIRE(world.of_definition("greeting").size() == 1);
  const auto greeted = world.saga(world.of_definition("greeting").front()).state;
  CHECK(greeted.input == Json::object({{"name", "ann"}}));
  CHECK(greeted.business_key == "ann");
  CHECK(core::status_of(greeted) == "completed");

  CHECK(deliver(world, arrived(true, 7, "3")).sagas == 1);
  const auto failed = world.saga(world.of_definition("greeting").front()).state;
  CHECK(core::status_of(failed) == "failed");
  CHECK(failed.ended->error->type == "invalid-input");
}

namespace {

const std::string kParent = R"(
saga: parent
steps:
  - id: prepare
    set: { ready: true }
    compensate: { task: { queue: clearing } }
  - id: order
    saga: { name: shop, input: { customer: ann } }
)";

}  // namespace

TEST_CASE("child: a parent that asks for its child again after a crash gets the one it has") {
  for (const std::size_t lanes : {1u, 3u}) {
    CAPTURE(lanes);
    LanesWorld world({kParent, kShop}, {.lanes = static_cast<unsigned>(lanes)});
    const SagaId parent = world.start("parent", Json::object({}));
    REQUIRE(world.of_definition("shop").size() == 1);
    for (int i = 0; i < 3; ++i) world.restart();
    const auto children = world.of_definition("shop");
    REQUIRE(children.size() == 1);
    for (const char* name : {"paid", "noted"})
      CHECK(world.ask(children.front(), core::EventArrived{name, Json(), "", "", ""}).has_value());
    CHECK(world.status(children.front()) == "completed");
    // Recovered before the lane of its child, it asks again after a second.
    CHECK(world.turn_until([&] { return world.status(parent) == "completed"; }));
  }
}

TEST_CASE("child: a full lane begins the children of what it has accepted, or nothing there would end") {
  LanesWorld world({kParent, kShop}, {.lanes = 1, .max_active_sagas = 1});
  const SagaId parent = world.start("parent", Json::object({}));
  CHECK(world.of_definition("shop").size() == 1);
  const auto refused = world.answer<runtime::StartOutcome>([&](auto done) {
    runtime::StartRequest request;
    request.definition = "parent";
    world.engine().start_saga(0, std::move(request), done);
  });
  CHECK(refused.error().kind == ErrorKind::Unavailable);
  CHECK(world.status(parent) == "waiting");
}

TEST_CASE("terminate: a parent ends as it stands, and nothing of it is undone because its child failed") {
  LanesWorld world({kParent, kShop});
  const SagaId parent = world.start("parent", Json::object({}));
  const core::OperatorTerminate asked{"ann", "given up"};
  const auto terminate = [&](SagaId id) {
    return world.answer<runtime::Snapshot>(
        [&](auto done) { world.engine().terminate_saga(0, id, asked, done); });
  };
  CHECK(terminate(parent).has_value());
  CHECK(world.status(parent) == "failed");
  CHECK(world.status(world.of_definition("shop").front()) == "failed");
  const Strings story = world.story(parent);
  CHECK(!contains(story, "CompensationStarted"));
  CHECK(story.back() == "SagaEnded");
  CHECK(terminate(parent).error().kind == ErrorKind::Conflict);
}

TEST_CASE("terminate: asked once more, it ends the children that an earlier one left behind") {
  LanesWorld world({kParent, kShop});
  const SagaId parent = world.start("parent", Json::object({}));
  // As if the engine had gone between the two.
  REQUIRE(world.ask(parent, core::OperatorTerminate{"ann", "given up"}).has_value());
  REQUIRE(world.status(world.of_definition("shop").front()) == "waiting");
  const auto again = world.answer<runtime::Snapshot>([&](auto done) {
    world.engine().terminate_saga(0, parent, core::OperatorTerminate{"ann", "given up"}, done);
  });
  CHECK(again.error().kind == ErrorKind::Conflict);
  CHECK(world.status(world.of_definition("shop").front()) == "failed");
}

}  // namespace skald::test
