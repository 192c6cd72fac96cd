// Views as they are folded: every event counts once, whoever folds, whenever a process dies, however events
// arrive.
#include <doctest/doctest.h>

#include "projections/view_loader.hpp"
#include "tests/runtime/views_world.hpp"

using namespace skald;
using namespace skald::test;
using namespace std::chrono_literals;

namespace {

const std::string kApplication = R"(
saga: application
steps:
  - id: apply
    http: { service: recruitment, method: POST, path: /applications }
    compensate: none
  - id: enroll
    http: { service: enrollment, method: POST, path: /enrollments }
    compensate: none
)";

const std::string kPage = R"(
view: my-page
key: { id: "${ .saga.id }" }
columns: { id: uuid, name: text, status: text, reason: text }
indexes: [[name]]
rules:
  - event: SagaStarted
    saga: application
    set: { name: "${ .input.name }", status: applied }
  - event: StepSucceeded
    saga: application
    step: enroll
    set: { status: enrolled }
)";

const std::string kCounts = R"(
view: counts
key: { name: "${ .input.name }" }
columns: { name: text, events: integer, last: text }
rules:
  - event: [SagaStarted, StepSucceeded, SagaEnded]
    saga: application
    add: { events: 1 }
    set: { last: "${ .saga.id }" }
)";

const std::string kAges = R"(
view: ages
key: { id: "${ .saga.id }" }
columns: { id: uuid, age: integer }
rules:
  - event: SagaStarted
    saga: application
    set: { age: "${ .input.age }" }
)";

void begin(ViewsWorld& world, int count, std::string age = "20") {
  for (int i = 0; i < count; ++i)
    world.world.begin(world.node, Json::object({{"name", "name " + std::to_string(i % 7)},
                                                {"age", parse_json(age).value()}}));
}

void check_equal(const ViewsWorld& world, const std::string& view, const std::string& yaml) {
  CHECK(world.rows(view) == world.fresh_fold(yaml));
}

}  // namespace

TEST_CASE("views: what sagas do is in every view a moment later") {
  ViewsWorld world(kApplication);
  world.put(kPage);
  world.put(kCounts);
  auto& process = world.start_process();
  world.pass(1s);
  begin(world, 30);
  world.pass(1s);
  CHECK(world.rows("my-page").size() == 30);
  CHECK(world.rows("counts").size() == 7);
  check_equal(world, "my-page", kPage);
  check_equal(world, "counts", kCounts);
  SUBCASE("all views that stand at one place share a transaction") {
    for (const auto views : process.store.batches) CHECK(views == 2);
  }
}

TEST_CASE("views: fresh events come in memory and are not read again") {
  ViewsWorld world(kApplication);
  world.put(kPage);
  world.put(kCounts);
  auto& process = world.start_process();
  world.pass(2s);
  const auto pages = process.store.pages;
  for (int round = 0; round < 20; ++round) {
    begin(world, 10);
    world.pass(100ms);
  }
  CHECK(world.caught_up());
  CHECK(process.store.pages == pages);
  check_equal(world, "counts", kCounts);
}

TEST_CASE("views: a view that comes later is filled from the log, and read when it is") {
  ViewsWorld world(kApplication);
  begin(world, 50);
  world.pass(1s);
  world.start_process();
  world.pass(1s);
  world.put(kCounts);
  world.pass(3s);
  REQUIRE(world.generation("counts"));
  check_equal(world, "counts", kCounts);
}

TEST_CASE("views: messages of lanes that get lost are made up for from the log") {
  ViewsWorld world(kApplication);
  world.put(kPage);
  world.put(kCounts);
  world.start_process();
  world.pass(1s);
  world.lose_every = 3;
  for (int round = 0; round < 5; ++round) {
    begin(world, 10);
    world.pass(100ms);
  }
  world.pass(5s);
  CHECK(world.caught_up());
  check_equal(world, "my-page", kPage);
  check_equal(world, "counts", kCounts);
}

TEST_CASE("views: two processes that fold the same partitions count every event once") {
  ViewsWorld world(kApplication);
  world.put(kCounts);
  world.start_process();
  world.start_process();
  world.pass(1s);
  for (int round = 0; round < 10; ++round) {
    begin(world, 10);
    world.pass(30ms);
  }
  world.pass(5s);
  CHECK(world.caught_up());
  check_equal(world, "counts", kCounts);
}

TEST_CASE("views: whenever a process dies, the next one goes on where the checkpoint stands") {
  const auto seed = Random::from_system().next() % 1'000'000;
  INFO("seed " << seed);
  Random random(seed);
  for (int run = 0; run < 20; ++run) {
    ViewsWorld world(kApplication);
    world.put(kPage);
    world.put(kCounts);
    auto* process = &world.start_process();
    for (int round = 0; round < 12; ++round) {
      begin(world, static_cast<int>(random.next() % 6));
      if (random.next() % 3 == 0) world.lose_every = static_cast<int>(random.next() % 4);
      // Dies in the middle of whatever is under way.
      for (auto steps = random.next() % 40; steps > 0 && !world.world.posted.empty(); --steps) {
        const auto act = world.world.posted.front();
        world.world.posted.pop_front();
        act();
      }
      if (random.next() % 2 == 0) {
        world.kill(*process);
        process = &world.start_process();
      }
      if (random.next() % 5 == 0) world.put(random.next() % 2 ? kPage : kCounts, true);
      world.pass(std::chrono::milliseconds(random.next() % 400));
    }
    world.pass(10s);
    CHECK(world.caught_up());
    CHECK(!world.generation("my-page", false));
    CHECK(!world.generation("counts", false));
    check_equal(world, "my-page", kPage);
    check_equal(world, "counts", kCounts);
  }
}

TEST_CASE("views: an event that a view cannot take in stops it exactly there, and the others go on") {
  ViewsWorld world(kApplication);
  world.put(kAges);
  world.put(kCounts);
  world.start_process();
  world.pass(3s);
  REQUIRE(world.generation("ages"));
  begin(world, 20);
  const auto poison = world.world.begin(world.node, Json::object({{"name", "x"}, {"age", "forty"}}))->id;
  begin(world, 20);
  world.pass(3s);
  const auto* stopped = world.generation("ages");
  REQUIRE(stopped);
  REQUIRE(stopped->stop);
  const auto events = world.world.store.read_saga(poison, 0, 10);
  CHECK(stopped->stop->place == events[0].position);
  CHECK(stopped->stop->reason.find("age") != std::string::npos);
  check_equal(world, "counts", kCounts);
  SUBCASE("until somebody leaves it out") {
    CHECK(world.views.skip(stopped->number, stopped->stop->place));
    world.pass(3s);
    CHECK(!world.generation("ages")->stop);
    CHECK(world.caught_up());
    CHECK(world.rows("ages").size() == 40);
  }
  SUBCASE("or another definition takes its place") {
    world.put(kAges.substr(0, kAges.find("age: integer")) + "age: text" +
              kAges.substr(kAges.find("age: integer") + 12));
    world.pass(5s);
    REQUIRE(world.generation("ages"));
    CHECK(!world.generation("ages")->stop);
    CHECK(world.rows("ages").size() == 41);
  }
}

TEST_CASE(
    "views: of events in many partitions that a view cannot take in each stops it, one after the other") {
  ViewsWorld world(kApplication);
  const auto begin_poisoned = [&] {
    world.world.begin(world.node, Json::object({{"name", "x"}, {"age", "forty"}}));
  };
  // Events that it can take in lie before each of them.
  begin(world, 100);
  std::size_t poisoned = 0;
  for (; poisoned < 9; ++poisoned) begin_poisoned();
  world.put(kAges);
  world.start_process();
  SUBCASE("all read from the log") {}
  SUBCASE("or some of them fresh") {
    for (; poisoned < 18; ++poisoned) begin_poisoned();
  }
  for (std::size_t left_out = 0; left_out < poisoned; ++left_out) {
    world.pass(3s);
    const bool read = world.generation("ages") != nullptr;
    const auto* stopped = world.generation("ages", read);
    REQUIRE(stopped);
    REQUIRE(stopped->stop);
    CHECK(world.views.skip(stopped->number, stopped->stop->place));
  }
  world.pass(3s);
  CHECK(world.caught_up());
  CHECK(world.rows("ages").size() == 100);
}

TEST_CASE("views: a value that only the database refuses is found by trying, and stops its view alone") {
  ViewsWorld world(kApplication);
  world.put(kAges);
  world.put(kCounts);
  auto& process = world.start_process();
  process.store.refused = "99";
  world.pass(3s);
  REQUIRE(world.generation("ages"));
  for (int i = 0; i < 5; ++i) {
    begin(world, 10);
    if (i == 2) begin(world, 1, "99");
    if (i % 2 == 0) world.pass(10ms);
  }
  world.pass(5s);
  const auto* stopped = world.generation("ages");
  REQUIRE(stopped->stop);
  const auto event =
      world.world.store.read_partition(stopped->stop->place.partition, stopped->stop->place.number - 1, 1);
  CHECK(event[0].payload.find("99") != std::string::npos);
  CHECK(event[0].type == "SagaStarted");
  check_equal(world, "counts", kCounts);
  CHECK(world.views.skip(stopped->number, stopped->stop->place));
  world.pass(5s);
  CHECK(world.caught_up());
  CHECK(world.rows("ages").size() == 50);
}

TEST_CASE("views: while the database is away nothing is lost, and memory stays bounded") {
  ViewsWorld world(kApplication);
  world.put(kCounts);
  auto& process = world.start_process();
  world.pass(1s);
  process.store.away = true;
  for (int round = 0; round < 20; ++round) {
    begin(world, 20);
    world.pass(100ms);
  }
  process.store.away = false;
  world.pass(5s);
  CHECK(world.caught_up());
  check_equal(world, "counts", kCounts);
}

TEST_CASE("views: a rebuild under load ends with the rows that were there, and says so") {
  ViewsWorld world(kApplication);
  world.put(kCounts);
  world.start_process();
  begin(world, 100);
  world.pass(3s);
  const auto before = world.generation("counts")->number;
  world.put(kCounts, true);
  for (int round = 0; round < 40; ++round) {
    begin(world, 3);
    world.pass(50ms);
  }
  world.pass(1s);
  const auto* after = world.generation("counts");
  CHECK(after->number > before);
  CHECK(after->rows_different == 0);
  CHECK(after->rows_after == 7);
  check_equal(world, "counts", kCounts);
}

TEST_CASE("views: who asks with a position is answered when the view has passed it") {
  ViewsWorld world(kApplication);
  world.put(kPage);
  auto& process = world.start_process();
  world.pass(1s);
  const auto ask = [&](Position after, Duration patience) {
    auto answer = std::make_shared<std::optional<Result<views::FoundRows>>>();
    views::ViewQuery query;
    query.view = "my-page";
    query.after = after;
    query.patience = patience;
    process.reading.read(query, [answer](auto found) { *answer = std::move(found); });
    return answer;
  };
  SUBCASE("at once, when it has") {
    const auto id = world.world.begin(world.node, Json::object({{"name", "x"}, {"age", 1}}))->id;
    world.pass(1s);
    const auto answer = ask(world.world.store.read_saga(id, 0, 100).back().position, 1s);
    world.pass(1ms);
    REQUIRE(*answer);
    CHECK((**answer)->rows.size() == 1);
  }
  SUBCASE("after a wait, when it has not") {
    process.store.away = true;
    const auto id = world.world.begin(world.node, Json::object({{"name", "x"}, {"age", 1}}))->id;
    world.pass(100ms);
    const auto answer = ask(world.world.store.read_saga(id, 0, 100).back().position, 10s);
    world.pass(1s);
    CHECK(!*answer);
    process.store.away = false;
    world.pass(1s);
    REQUIRE(*answer);
    CHECK((**answer)->rows.size() == 1);
  }
  SUBCASE("with what stands in the way, when its patience ends") {
    const auto answer = ask({{5}, 1'000}, 2s);
    world.pass(3s);
    REQUIRE(*answer);
    CHECK((**answer).error().kind == ErrorKind::Unavailable);
  }
}

TEST_CASE("views: what may be asked for is a column of an index or of the key") {
  const auto table = views::load_view(kPage, "x", nullptr).view->table;
  CHECK(views::columns_of(table, {{"name", "x"}}).has_value());
  CHECK(views::columns_of(table, {{"id", "x"}, {"name", "x"}}).has_value());
  CHECK(views::columns_of(table, {{"status", "x"}}).error().kind == ErrorKind::Invalid);
  CHECK(views::columns_of(table, {{"nonsense", "x"}}).error().message.find("nonsense") != std::string::npos);
  CHECK(views::columns_of(table, {{"status", "x"}}).error().message.find("name") != std::string::npos);
}
