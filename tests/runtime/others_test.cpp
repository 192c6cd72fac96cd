// What a lane makes of the answers of other sagas, and of the silence of workers, on a clock that only the
// test moves.
#include <doctest/doctest.h>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "tests/runtime/world.hpp"

namespace skald::test {
namespace {

using namespace std::chrono_literals;

const std::string kEmitting = R"(
saga: telling
businessKey: ${ .input.key }
steps:
  - id: tell
    emit: { event: told, key: ann }
    compensate: none
)";

std::string status(World& world, Node& node, SagaId id) {
  return core::status_of(world.snapshot(node, id).state);
}

// What the process's log was told while this lives.
class ListensToLog {
 public:
  ListensToLog() : before_(spdlog::default_logger()) {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", told_));
  }
  ~ListensToLog() { spdlog::set_default_logger(before_); }
  long lines_with(const std::string& words) const {
    const auto lines = told_->last_formatted();
    return std::count_if(lines.begin(), lines.end(),
                         [&](const std::string& line) { return line.find(words) != std::string::npos; });
  }

 private:
  std::shared_ptr<spdlog::sinks::ringbuffer_sink_st> told_ =
      std::make_shared<spdlog::sinks::ringbuffer_sink_st>(10'000);
  std::shared_ptr<spdlog::logger> before_;
};

}  // namespace

TEST_CASE("emit: a receiver without room is asked again, ever more rarely, and the saga waits for it") {
  World world(kEmitting);
  std::vector<Duration> asked;
  const Timestamp began = world.now;
  bool full = true;
  Random random(1);
  const SagaId receiver = new_saga_id(world.now, {0}, random);
  world.others.on_deliver = [&](const auto&) {
    asked.push_back(world.now - began);
    return full ? runtime::Reached{1, {receiver}} : runtime::Reached{2};
  };
  Node& node = world.start_node();
  const SagaId id = world.begin(node, Json::object({{"key", "bob"}}))->id;
  world.pass(100s);
  CHECK(asked == std::vector<Duration>{0s, 1s, 3s, 7s, 15s, 31s, 61s, 91s});
  CHECK(world.story(id) == std::vector<std::string>{"SagaStarted", "StepRequested"});
  full = false;
  world.pass(30s);
  const auto ended = world.snapshot(node, id).state;
  CHECK(core::status_of(ended) == "completed");
  CHECK(ended.find_step("tell")->output.get("reached") == Json(2));
}

TEST_CASE("emit: what cannot be delivered for the moment is asked for again each second") {
  World world(kEmitting);
  int asked = 0;
  world.others.on_deliver = [&](const auto&) -> Result<runtime::Reached> {
    if (++asked <= 5) return unavailable("the database is away");
    return runtime::Reached{0};
  };
  Node& node = world.start_node();
  const SagaId id = world.begin(node, Json::object({{"key", "bob"}}))->id;
  world.pass(5s);
  CHECK(status(world, node, id) == "completed");
}

TEST_CASE("emit: an event that is refused as a whole is a refusal of its step") {
  World world(kEmitting);
  world.others.on_deliver = [&](const auto&) -> Result<runtime::Reached> {
    return invalid("it goes in circles");
  };
  Node& node = world.start_node();
  const SagaId id = world.begin(node, Json::object({{"key", "bob"}}))->id;
  world.run();
  CHECK(status(world, node, id) == "compensated");
  CHECK(world.snapshot(node, id).state.error->detail == "it goes in circles");
}

namespace {

const std::string kTask = R"(
saga: packing
steps:
  - id: pack
    task: { queue: packing }
    totalTimeout: 1h
    compensate: { task: { queue: unpacking } }
)";

std::vector<runtime::LeasedTask> take(Node& node, const std::string& queue) {
  return node.lane->take_tasks({queue, "w", 1, 30s, 0s});
}

runtime::TaskName name_of(const runtime::LeasedTask& task) {
  return runtime::parse_task_name(task.id).value();
}

// A saga whose task a worker has, on a node that is gone.
SagaId leased_and_lost(World& world) {
  Node& first = world.start_node();
  const SagaId id = world.begin(first, Json::object({}))->id;
  world.run();
  REQUIRE(take(first, "packing").size() == 1);
  world.kill(first);
  return id;
}

}  // namespace

TEST_CASE("task: one that a worker perhaps has had before a crash is undone when its saga is cancelled") {
  World world(kTask);
  const SagaId id = leased_and_lost(world);
  Node& second = world.start_node();
  second.lane->ask(id, core::CancelRequested{"no", "ann"}, [](Result<runtime::Snapshot>) {});
  world.run();
  CHECK(world.snapshot(second, id).state.find_step("pack")->possibly_done);
  CHECK(take(second, "unpacking").size() == 1);
}

TEST_CASE("task: one that a worker perhaps has had before a crash is undone when the next one refuses it") {
  World world(kTask);
  const SagaId id = leased_and_lost(world);
  Node& second = world.start_node();
  const auto again = take(second, "packing");
  REQUIRE(again.size() == 1);
  const auto name = name_of(again.front());
  second.lane->word_of_worker(
      name, core::TaskRefused{name.step, name.operation, name.attempt, core::make_problem("rejected", "no")},
      [](Result<runtime::Snapshot> said) { CHECK(said.has_value()); });
  world.run();
  CHECK(take(second, "unpacking").size() == 1);
  CHECK(status(world, second, id) == "compensating");
}

TEST_CASE("task: a cancel before any worker had it leaves nothing to undo, and nothing on offer") {
  World world(kTask);
  Node& node = world.start_node();
  const SagaId id = world.begin(node, Json::object({}))->id;
  world.run();
  node.lane->ask(id, core::CancelRequested{"no", "ann"}, [](Result<runtime::Snapshot>) {});
  world.run();
  CHECK(status(world, node, id) == "cancelled");
  CHECK(take(node, "packing").empty());
  CHECK(take(node, "unpacking").empty());
}

TEST_CASE("task: workers that came while the database was away are called when it is back") {
  World world(kTask);
  Node& node = world.start_node();
  world.begin(node, Json::object({}));
  world.run();
  world.now = world.now + 5s;  // no beat has come back for so long
  CHECK(take(node, "packing").empty());
  int called = 0;
  node.lane->await_tasks(
      {{"packing", "w", 1, 30s, 0s}, std::make_shared<std::atomic<bool>>(false), [&] { ++called; }});
  world.pass(1s);
  CHECK(called == 1);
  CHECK(take(node, "packing").size() == 1);
}

TEST_CASE("task: the answer to a word is bounded where the database does not say what became of it") {
  World world(kTask);
  Node& node = world.start_node();
  world.begin(node, Json::object({}));
  world.run();
  const auto task = take(node, "packing");
  REQUIRE(task.size() == 1);
  node.log->holds_appends = true;
  const auto name = name_of(task.front());
  std::optional<Result<runtime::Snapshot>> said;
  node.lane->word_of_worker(name, core::TaskDone{name.step, name.operation, name.attempt, Json()},
                            [&](Result<runtime::Snapshot> saga) { said = saga; });
  world.pass(10s);
  REQUIRE(said);
  CHECK(said->error().kind == ErrorKind::Unavailable);
}

namespace {

const std::string kVersioned = R"(
saga: order
steps:
  - id: reserve
    http: { service: stock, method: POST, path: /reservations, body: { version: "${ .saga.version }" } }
    compensate: none
)";
const std::string kOtherContent = R"(
saga: order
steps:
  - id: reserve
    http: { service: stock, method: POST, path: /elsewhere }
    compensate: none
)";

}  // namespace

TEST_CASE("version: a recovered saga keeps its number, though a later version has the same content") {
  World world(kVersioned);
  Node& first = world.start_node();  // nobody answers
  const SagaId id = world.begin(first, Json::object({}))->id;
  world.run();
  world.kill(first);
  world.put(kOtherContent, 2);
  world.put(kVersioned, 3);
  Node& second = world.start_node();
  REQUIRE(world.services.calls.size() == 2);
  CHECK(world.services.calls[0].request.body == R"({"version":1})");
  CHECK(world.services.calls[1].request.body == R"({"version":1})");
  CHECK(world.snapshot(second, id).definition->version == 1);
}

TEST_CASE("recovery: sagas that cannot be loaded for a while are told of once, and again when they are") {
  World world(kVersioned);
  Node& first = world.start_node();
  for (int i = 0; i < 50; ++i) world.begin(first, Json::object({}));
  world.run();
  world.kill(first);
  world.services.calls.clear();
  const ListensToLog log;
  const auto catalog = std::exchange(world.catalog, std::make_shared<sagas::Catalog>());
  world.start_node();
  world.pass(20s);
  CHECK(log.lines_with("wait to be loaded") == 1);
  CHECK(world.services.calls.empty());
  world.catalog = catalog;
  world.pass(2s);
  CHECK(log.lines_with("no saga waits any more to be loaded") == 1);
  CHECK(world.services.calls.size() == 50);
}

TEST_CASE("perform: hundreds of items of a forEach are under way at once, each exactly once, and all end") {
  World world(R"(
saga: many
steps:
  - id: lines
    forEach:
      in: ${ .input.lines }
      as: line
      maxConcurrency: 1000
      steps:
        - id: reserve
          http: { service: stock, method: POST, path: "/items/${ .line }" }
          compensate: none
)");
  Node& node = world.start_node();
  Json::Array lines;
  for (int i = 0; i < 700; ++i) lines.push_back(Json(i));
  const SagaId id = world.begin(node, Json::object({{"lines", Json(std::move(lines))}}))->id;
  world.run();
  auto targets = world.services.targets();
  REQUIRE(targets.size() == 700);
  std::sort(targets.begin(), targets.end());
  CHECK(std::unique(targets.begin(), targets.end()) == targets.end());
  for (std::size_t i = 0; i < 700; ++i) {
    world.services.calls[i * 311 % 700].answer(answer(200));
    if (i % 50 == 0) world.run();
  }
  world.run();
  const auto ended = world.snapshot(node, id).state;
  CHECK(core::status_of(ended) == "completed");
  CHECK(ended.steps.size() == 701);
  CHECK(world.services.calls.size() == 700);
}

}  // namespace skald::test
