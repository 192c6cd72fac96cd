// The contract of store::Log, held by the log in memory and the log on PostgreSQL alike.
#include <map>

#include "tests/contract/memory_world.hpp"
#include "tests/contract/pg_world.hpp"

using namespace skald;
using namespace skald::store;
using namespace skald::store::testing;

#define CONTRACT(sentence) TEST_CASE_TEMPLATE(sentence, World, MemoryWorld, PgWorld)

CONTRACT("log: a lane that is alone owns every partition") {
  World world;
  auto log = world.log({"one"});
  const auto owned =
      world.template await<Result<std::vector<Partition>>>([&](auto done) { log->open(done); });
  REQUIRE(owned.has_value());
  CHECK(owned->size() == kPartitions);
  CHECK(log->partition_count() == kPartitions);
  CHECK(log->healthy());
}

CONTRACT("log: what was appended is read back, in order, as it was given") {
  World world;
  auto log = world.opened({"one"});
  const auto saga = saga_in({3}, 1);
  const auto first = as<Committed>(world.append(*log, start_of(saga)));
  CHECK(first.last == Position{{3}, 2});
  as<Committed>(
      world.append(*log, {saga, 3, {event("StepSucceeded", kNoon, R"({"n":1.10, "text":"ä😀"})")}, {}, {}}));
  as<Committed>(world.append(*log, end_of(saga, 4)));

  const auto events = world.read_saga(*log, saga);
  REQUIRE(events.size() == 4);
  CHECK(events[0].type == "SagaStarted");
  CHECK(events[2].payload == R"({"n":1.10, "text":"ä😀"})");
  CHECK(events[3].version == 4);
  CHECK(events[3].position == Position{{3}, 4});
  CHECK(events[3].saga == saga);
  CHECK(world.read_saga(*log, saga, 2).size() == 2);
  CHECK(world.read_saga(*log, saga, 1, 2).back().version == 3);
  CHECK(world.read_saga(*log, saga_in({3}, 99)).empty());
  CHECK(world.read_partition(*log, {3}, 1, 2).front().position.number == 2);
  CHECK(world.read_partition(*log, {4}).empty());
  check_log(world, *log);
}

CONTRACT("log: appends of many sagas in many partitions get positions without holes") {
  World world;
  auto log = world.opened({"one"});
  std::vector<Append> appends;
  for (int round = 0; round < 5; ++round) {
    for (int number = 0; number < 40; ++number) {
      const auto saga = saga_in({static_cast<std::uint16_t>(number % kPartitions)}, number);
      if (round == 0)
        appends.push_back(start_of(saga));
      else if (round < 4)
        appends.push_back(next_of(saga, round + 2));
      else
        appends.push_back(end_of(saga, round + 2));
    }
  }
  std::map<Partition, std::int64_t> last;
  for (const auto& result : world.append_all(*log, std::move(appends))) {
    const auto at = as<Committed>(result).last;
    CHECK(at.number > last[at.partition]);
    last[at.partition] = at.number;
  }
  for (const auto& [partition, position] : last) CHECK(position == 5 * 6);
  check_log(world, *log);
}

CONTRACT("log: times never fall along the positions of a partition") {
  World world;
  auto log = world.opened({"one"});
  const auto early = kNoon - std::chrono::hours(1);
  as<Committed>(world.append(*log, start_of(saga_in({2}, 1), std::nullopt, kNoon)));
  CHECK(as<Committed>(world.append(*log, start_of(saga_in({2}, 2), std::nullopt, early))).last_time == kNoon);
  CHECK(as<Committed>(world.append(*log, start_of(saga_in({5}, 3), std::nullopt, early))).last_time == early);
  SUBCASE("nor when another writer goes on") {
    world.make_silent("one");
    auto other = world.opened({"two"});
    CHECK(as<Committed>(world.append(*other, start_of(saga_in({2}, 4), std::nullopt, early))).last_time ==
          kNoon);
    check_log(world, *other);
  }
  check_log(world, *log);
}

CONTRACT("log: a saga that begins and ends within one batch has one row, and it is ended") {
  World world;
  auto log = world.opened({"one"});
  const auto saga = saga_in({1}, 1);
  const auto parked = SagaStatus{"running", kNoon + std::chrono::hours(1), {}};
  for (const auto& result : world.append_all(*log, {start_of(saga),
                                                    {saga, 3, {event("StepWaiting")}, {}, parked},
                                                    next_of(saga, 4),
                                                    end_of(saga, 5)})) {
    as<Committed>(result);
  }
  const auto rows = world.list(*log, {});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].status.status == "completed");
  CHECK(rows[0].status.ended_at == kNoon);
  CHECK(!rows[0].status.due_at);
  CHECK(world.read_saga(*log, saga).size() == 5);
}

CONTRACT("log: the same saga started again with its own key is told that the key is its own") {
  World world;
  auto log = world.opened({"one"});
  const auto saga = saga_in({1}, 1), other = saga_in({2}, 2);
  const auto start = start_of(saga, "parent:child");
  as<Committed>(world.append(*log, start));
  // Also beside others in one batch, and also once it has ended.
  const auto results = world.append_all(*log, {start, start_of(other, "free")});
  CHECK(as<StartKeyTaken>(results[0]).saga == saga);
  as<Committed>(results[1]);
  as<Committed>(world.append(*log, end_of(saga, 3)));
  CHECK(as<StartKeyTaken>(world.append(*log, start)).saga == saga);
}

CONTRACT("log: a saga that has no business key but its id is found by that, wherever it lives") {
  World world;
  auto log = world.opened({"one"});
  for (std::uint16_t partition = 0; partition < kPartitions; ++partition) {
    const auto saga = saga_in({partition}, partition + 1);
    as<Committed>(world.append(*log, start_of(saga)));
    const auto rows = world.list(*log, {.business_key = to_text(saga)});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].id == saga);
  }
}

CONTRACT("log: the row of a saga says how it was started and where it stands") {
  World world;
  auto log = world.opened({"one"});
  const auto saga = saga_in({1}, 1);
  auto start = start_of(saga, "request-7");
  start.start->definition_version = 3;
  as<Committed>(world.append(*log, start));
  as<Committed>(world.append(*log, {saga,
                                    3,
                                    {event("SagaStuck", kNoon + std::chrono::seconds(9))},
                                    {},
                                    SagaStatus{"stuck", kNoon + std::chrono::hours(2), {}}}));
  const auto found =
      world.template await<Result<std::optional<SagaRow>>>([&](auto done) { log->find_saga(saga, done); })
          .value();
  REQUIRE(found.has_value());
  CHECK(found->start.definition == "recruitment");
  CHECK(found->start.definition_version == 3);
  CHECK(found->start.definition_hash == std::string(64, 'a'));
  CHECK(found->start.business_key == to_text(saga));
  CHECK(found->start.start_key == "request-7");
  CHECK(found->start.request_hash == start.start->request_hash);
  CHECK(found->status.status == "stuck");
  CHECK(found->status.due_at == kNoon + std::chrono::hours(2));
  CHECK(found->started_at == kNoon);
  CHECK(found->updated_at == kNoon + std::chrono::seconds(9));
  const auto none = world.template await<Result<std::optional<SagaRow>>>(
      [&](auto done) { log->find_saga(saga_in({1}, 2), done); });
  CHECK(!none.value().has_value());
}

CONTRACT("log: a hundred concurrent starts with one key make one saga, and all learn which") {
  World world;
  auto log = world.opened({"one"});
  std::vector<Append> starts;
  for (int i = 0; i < 100; ++i) {
    starts.push_back(start_of(saga_in({static_cast<std::uint16_t>(i % kPartitions)}, i), "one key"));
  }
  std::optional<SagaId> winner;
  std::vector<SagaId> told;
  for (const auto& result : world.append_all(*log, starts)) {
    if (const auto* committed = std::get_if<Committed>(&result)) {
      CHECK(!winner.has_value());
      winner = world.read_partition(*log, committed->last.partition).front().saga;
    } else {
      CHECK(as<StartKeyTaken>(result).request_hash == starts[0].start->request_hash);
      told.push_back(as<StartKeyTaken>(result).saga);
    }
  }
  REQUIRE(winner.has_value());
  CHECK(told == std::vector<SagaId>(99, *winner));
  CHECK(world.list(*log, {}).size() == 1);
  const auto found = world.template await<Result<std::optional<StartKeyTaken>>>(
      [&](auto done) { log->find_start_key("recruitment", "one key", done); });
  CHECK(found.value()->saga == *winner);
  const auto none = world.template await<Result<std::optional<StartKeyTaken>>>(
      [&](auto done) { log->find_start_key("course", "one key", done); });
  CHECK(!none.value().has_value());
}

CONTRACT("log: two lanes that start with the same keys make one saga of each, whoever comes first") {
  World world;
  auto left = world.opened({"left", 0, 2}), right = world.opened({"right", 1, 2});
  auto results = std::make_shared<std::vector<AppendResult>>();
  for (int i = 0; i < 60; ++i) {
    // In opposite orders, so that unsorted keys would wait for each other.
    const auto key = [](int number) { return "key " + std::to_string(number); };
    left->append(start_of(saga_in({0}, i), key(i)), [=](AppendResult result) { results->push_back(result); });
    right->append(start_of(saga_in({1}, 100 + i), key(59 - i)),
                  [=](AppendResult result) { results->push_back(result); });
  }
  world.run_until([&] { return results->size() == 120; });
  int committed = 0, taken = 0;
  for (const auto& result : *results) {
    committed += is<Committed>(result);
    taken += is<StartKeyTaken>(result);
  }
  CHECK(committed == 60);
  CHECK(taken == 60);
  check_log(world, *left);
}

CONTRACT("log: what follows a start whose key is taken is not written either") {
  World world;
  auto log = world.opened({"one"});
  const auto first = saga_in({1}, 1), second = saga_in({1}, 2);
  as<Committed>(world.append(*log, start_of(first, "key")));
  const auto results =
      world.append_all(*log, {start_of(second, "key"), next_of(second, 3), next_of(first, 3)});
  CHECK(as<StartKeyTaken>(results[0]).saga == first);
  CHECK(is<StartKeyTaken>(results[1]));
  CHECK(is<Committed>(results[2]));
  SUBCASE("within one batch too") {
    const auto third = saga_in({1}, 3), fourth = saga_in({1}, 4);
    const auto both =
        world.append_all(*log, {start_of(third, "other"), start_of(fourth, "other"), next_of(fourth, 3)});
    CHECK(is<Committed>(both[0]));
    CHECK(as<StartKeyTaken>(both[1]).saga == third);
    CHECK(is<StartKeyTaken>(both[2]));
  }
  check_log(world, *log);
}

CONTRACT("log: bytes the database refuses stop their saga alone") {
  World world;
  auto log = world.opened({"one"});
  int number = 0;
  const std::string deep = std::string(65, '[') + std::string(65, ']');
  for (const std::string& bad : {std::string(R"({"a":)"), std::string(R"({"a":"\u0000"})"),
                                 std::string(R"({"a":"\ud800"})"), std::string("{\"a\":\"\xff\"}"), deep}) {
    CAPTURE(bad);
    std::vector<Append> appends;
    for (int i = 0; i < 21; ++i) {
      appends.push_back(start_of(saga_in({static_cast<std::uint16_t>(i % 4)}, ++number)));
    }
    const auto victim = appends[13].saga;
    appends[13].events[1].payload = bad;
    appends.push_back(next_of(victim, 3));
    const auto results = world.append_all(*log, appends);
    for (std::size_t i = 0; i < results.size(); ++i) {
      CAPTURE(i);
      if (appends[i].saga == victim)
        CHECK(is<Unstorable>(results[i]));
      else
        CHECK(is<Committed>(results[i]));
    }
    CHECK(world.read_saga(*log, victim).empty());
  }
  check_log(world, *log);
}

CONTRACT("log: an escaped backslash before u0000 is text and storable") {
  World world;
  auto log = world.opened({"one"});
  const auto saga = saga_in({1}, 1);
  auto start = start_of(saga);
  start.events[0].payload = R"({"a":"\\u0000 \ud83d\ude00"})";
  as<Committed>(world.append(*log, start));
  CHECK(world.read_saga(*log, saga).front().payload == start.events[0].payload);
}

CONTRACT("log: a partition that is not the lane's is refused") {
  World world;
  auto log = world.opened({"one", 0, 2});
  CHECK(is<Committed>(world.append(*log, start_of(saga_in({0}, 1)))));
  CHECK(is<NotOwner>(world.append(*log, start_of(saga_in({1}, 2)))));
  CHECK(is<NotOwner>(world.append(*log, start_of(saga_in({kPartitions}, 3)))));
}

CONTRACT("log: before it is opened and after it is closed a log owns nothing") {
  World world;
  auto log = world.log({"one"});
  CHECK(is<NotOwner>(world.append(*log, start_of(saga_in({0}, 1)))));
  world.template await<Result<std::vector<Partition>>>([&](auto done) { log->open(done); });
  bool closed = false;
  auto last = std::make_shared<std::optional<AppendResult>>();
  log->append(start_of(saga_in({0}, 1)), [last](AppendResult result) { *last = result; });
  log->close([&] { closed = true; });
  world.run_until([&] { return closed; });
  REQUIRE(last->has_value());
  CHECK(is<Committed>(**last));
  CHECK(is<NotOwner>(world.append(*log, start_of(saga_in({0}, 2)))));
  SUBCASE("and its partitions are free at once") {
    auto other = world.opened({"two"});
    CHECK(is<Committed>(world.append(*other, start_of(saga_in({0}, 3)))));
    check_log(world, *other);
  }
}

CONTRACT("log: the second node gets nothing while the first one lives") {
  World world;
  auto one = world.opened({"one"}), two = world.opened({"two"});
  CHECK(is<NotOwner>(world.append(*two, start_of(saga_in({0}, 1)))));
  CHECK(world.beat(*two).gained.empty());
  CHECK(is<Committed>(world.append(*one, start_of(saga_in({0}, 1)))));
  CHECK(world.beat(*one).lost.empty());
}

CONTRACT("log: a node that starts again revokes its earlier self, which then appends nothing more") {
  World world;
  auto before = world.opened({"one"});
  as<Committed>(world.append(*before, start_of(saga_in({0}, 1))));
  auto after = world.opened({"one"});
  CHECK(as<Committed>(world.append(*after, start_of(saga_in({0}, 2)))).last.number == 4);
  CHECK(is<NotOwner>(world.append(*before, start_of(saga_in({0}, 3)))));
  CHECK(is<NotOwner>(world.append(*before, next_of(saga_in({0}, 1), 3))));
  world.beat(*before);
  CHECK(is<Committed>(world.append(*after, next_of(saga_in({0}, 1), 3))));
  CHECK(is<NotOwner>(world.append(*before, next_of(saga_in({0}, 1), 4))));
  check_log(world, *after);
}

CONTRACT("log: the partitions of a silent node are taken over, and it learns that it lost them") {
  World world;
  auto one = world.opened({"one"}), two = world.opened({"two"});
  const auto saga = saga_in({6}, 1);
  as<Committed>(world.append(*one, start_of(saga)));
  world.make_silent("one");
  CHECK(world.beat(*two).gained.size() == kPartitions);
  CHECK(as<Committed>(world.append(*two, next_of(saga, 3))).last == Position{{6}, 3});
  // Both believe they own the partition; one of them is right.
  CHECK(is<NotOwner>(world.append(*one, next_of(saga, 3))));
  CHECK(is<NotOwner>(world.append(*one, start_of(saga_in({1}, 2)))));
  const auto told = world.beat(*one);
  CHECK(told.lost.size() == kPartitions);
  CHECK(told.gained.empty());
  check_log(world, *two);
  const auto events = world.read_partition(*two, {6});
  CHECK(events[1].writer != events[2].writer);
}

// Where somebody has, the key of the table would stop it too: only here the fence stands alone.
CONTRACT("log: a revoked lane appends nothing, not even where nobody else has") {
  World world;
  auto one = world.opened({"one"}), two = world.opened({"two"});
  as<Committed>(world.append(*one, start_of(saga_in({6}, 1))));
  world.make_silent("one");
  CHECK(world.beat(*two).gained.size() == kPartitions);
  CHECK(is<NotOwner>(world.append(*one, start_of(saga_in({1}, 2)))));
  CHECK(world.read_partition(*two, {1}).empty());
  check_log(world, *two);
}

CONTRACT("log: a lane that was merely slow and revoked comes back with what nobody took") {
  World world;
  auto one = world.opened({"one"});
  world.make_silent("one");
  auto two = world.opened({"two", 0, 2});
  as<Committed>(world.append(*two, start_of(saga_in({0}, 1))));
  const auto told = world.beat(*one);
  for (const auto partition : told.lost) CHECK((partition.number % 2 == 0 || !told.gained.empty()));
  CHECK(is<NotOwner>(world.append(*one, start_of(saga_in({0}, 2)))));
  CHECK(is<Committed>(world.append(*one, start_of(saga_in({1}, 3)))));
  check_log(world, *one);
}

CONTRACT("log: sagas are listed newest first, page by page, by each filter") {
  World world;
  auto log = world.opened({"one"});
  std::vector<Append> appends;
  for (int i = 0; i < 30; ++i) {
    auto start = start_of(saga_in({static_cast<std::uint16_t>(i * 5 % kPartitions)}, i), std::nullopt,
                          kNoon + std::chrono::seconds(i));
    if (i % 3 == 0) start.start->definition = "course";
    start.start->business_key = "case " + std::to_string(i);
    const auto home = partition_of(start.start->business_key, kPartitions);
    if (i == 7) start.saga = saga_in(home, 7);
    appends.push_back(start);
    if (i % 2 == 0) appends.push_back(end_of(start.saga, 3));
  }
  for (const auto& result : world.append_all(*log, appends)) as<Committed>(result);

  SagaFilter page{.limit = 7};
  std::vector<SagaRow> all;
  for (auto rows = world.list(*log, page); !rows.empty(); rows = world.list(*log, page)) {
    all.insert(all.end(), rows.begin(), rows.end());
    page.before = rows.back().id;
  }
  REQUIRE(all.size() == 30);
  for (std::size_t i = 1; i < all.size(); ++i) CHECK(all[i].id < all[i - 1].id);

  CHECK(world.list(*log, {.definition = "course"}).size() == 10);
  CHECK(world.list(*log, {.statuses = {"completed"}}).size() == 15);
  CHECK(world.list(*log, {.statuses = {"completed", "running"}}).size() == 30);
  CHECK(world.list(*log, {.statuses = {"stuck"}}).empty());
  CHECK(world.list(*log, {.statuses = {"running"}, .ended = false}).size() == 15);
  CHECK(world.list(*log, {.ended = true}).size() == 15);
  CHECK(world.list(*log, {.definition = "course", .statuses = {"running"}, .ended = false}).size() == 5);
  REQUIRE(world.list(*log, {.business_key = "case 7"}).size() == 1);
  CHECK(world.list(*log, {.business_key = "case 7"})[0].id.bytes[5] == saga_in({0}, 7).bytes[5]);
  CHECK(world.list(*log, {.started_after = all[10].started_at}).size() == 10);
  CHECK(world.list(*log, {.started_before = all[20].started_at}).size() == 9);
}

CONTRACT("log: recovery finds the running sagas of its partitions, the clock those that are due") {
  World world;
  auto log = world.opened({"one", 0, 2});
  const auto later = kNoon + std::chrono::hours(1);
  const auto running = saga_in({0}, 1), parked = saga_in({2}, 2), ended = saga_in({4}, 3),
             woken = saga_in({0}, 4);
  auto sleep = start_of(parked);
  sleep.status->due_at = later;
  auto sleep_too = start_of(woken);
  sleep_too.status->due_at = later;
  for (const auto& result : world.append_all(*log, {start_of(running), sleep, start_of(ended), sleep_too})) {
    as<Committed>(result);
  }
  as<Committed>(world.append(*log, end_of(ended, 3)));
  as<Committed>(world.append(*log, {woken, 3, {event("EventReceived")}, {}, SagaStatus{"running", {}, {}}}));

  using Ids = std::vector<SagaId>;
  const auto running_in = [&](std::vector<Partition> partitions, std::optional<SagaId> after,
                              std::size_t limit) {
    return world
        .template await<Result<Ids>>([&](auto done) { log->list_running(partitions, after, limit, done); })
        .value();
  };
  const auto due_at = [&](Timestamp now) {
    return world.template await<Result<Ids>>([&](auto done) { log->list_due(now, 10, done); }).value();
  };
  CHECK(running_in({{0}, {2}, {4}}, {}, 10) == Ids{running, woken});
  CHECK(running_in({{0}}, {}, 1) == Ids{running});
  CHECK(running_in({{0}}, running, 10) == Ids{woken});
  CHECK(running_in({{2}}, {}, 10).empty());
  CHECK(due_at(later - std::chrono::microseconds(1)).empty());
  CHECK(due_at(later) == Ids{parked});
}

CONTRACT("log: a definition gets the next version when its hash is new, and keeps it when not") {
  World world;
  auto log = world.opened({"one"});
  const auto put = [&](std::string name, std::string hash) {
    const DefinitionRow row{name, 0, hash, R"({"name":"x"})", "name: x # äöü", {}};
    return world.template await<Result<DefinitionRow>>([&](auto done) { log->put_definition(row, done); })
        .value();
  };
  CHECK(put("a", "1").version == 1);
  CHECK(put("a", "1").version == 1);
  CHECK(put("a", "2").version == 2);
  CHECK(put("b", "1").version == 1);
  CHECK(put("a", "1").version == 3);  // compared with the newest only
  const auto all = world
                       .template await<Result<std::vector<DefinitionRow>>>(
                           [&](auto done) { log->list_definitions(0, done); })
                       .value();
  REQUIRE(all.size() == 4);
  CHECK(all[0].name == "a");
  CHECK(all[0].source == "name: x # äöü");
  CHECK(all[3].version == 3);
}
