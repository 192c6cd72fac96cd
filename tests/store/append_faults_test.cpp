// One append at a time through a proxy that cuts, silences, delays and forges. After each fault the lane's
// belief is the database's: an acknowledged start is there once (I1), versions and positions have no hole
// (I5), and a writer is followed by another one only after it was revoked (I6).
//
// SKALD_FAULTS=all cuts at every byte; otherwise at both ends and at some between. `./dev faults bytes` does
// the former.
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>

#include "engine/base/log.hpp"
#include "eventstore/pg/migrate.hpp"
#include "tests/contract/pg_world.hpp"
#include "tests/store/fault_proxy.hpp"

using namespace skald;
using namespace skald::store;
using namespace skald::store::testing;

namespace {

bool all() {
  const char* wanted = std::getenv("SKALD_FAULTS");
  return wanted && std::string_view(wanted) == "all";
}

// The bytes after which it is cut: all, or the first and the last ones and every `step`th between.
std::vector<std::size_t> cuts(std::size_t size, std::size_t step) {
  std::vector<std::size_t> chosen;
  for (std::size_t after = 0; after < size; after += all() || after < 8 || after + 12 > size ? 1 : step)
    chosen.push_back(after);
  return chosen;
}

// Of all that is done here, together: fewer would prove little.
struct Totals {
  int injected = 0, acknowledged = 0;
} totals;
constexpr int kInjectedAtLeast = 150, kInjectedAtLeastAtEveryByte = 4'000;

// A lane behind the proxy, the database beside it, and the comparison of the two.
struct Stage {
  Stage() : quiet(all()), proxy(world.io(), socket_directory(world.conninfo())) {
    log = world.log_through(world.conninfo() + " host=" + proxy.directory(), {"one"});
    world.await<Result<std::vector<Partition>>>([&](auto done) { log->open(done); }).value();
  }
  ~Stage() {
    totals.injected += injected;
    std::cout << "injected: " << injected << " × " << what << "; " << found << " found, " << sent_again
              << " sent again, " << untouched << " untouched, " << refused << " refused" << std::endl;
  }

  SagaId next_saga() {
    ++number;
    return saga_in({static_cast<std::uint16_t>(number % kPartitions)}, number);
  }
  // With a key, as long as every other one, so that each append has as many bytes.
  Append next_start() {
    const auto saga = next_saga();
    return start_of(saga, "key " + std::to_string(1'000'000 + number));
  }

  // Asked for now, answered when it is definite.
  struct Asked {
    Append append;
    std::shared_ptr<std::optional<AppendResult>> result = std::make_shared<std::optional<AppendResult>>();
    std::string writer;  // that stood when it was asked for
  };
  Asked ask(Append append) {
    Asked asked{append, std::make_shared<std::optional<AppendResult>>(), newest_writer()};
    log->append(std::move(append), [result = asked.result](AppendResult r) {
      CHECK_MESSAGE(!result->has_value(), "an append is answered once");
      *result = std::move(r);
    });
    return asked;
  }
  AppendResult settle(const Asked& asked) {
    world.run_until([&] { return asked.result->has_value(); });
    judge(asked);
    return **asked.result;
  }
  void settle_well(const Asked& asked) { as<Committed>(settle(asked)); }
  // Without a fault. Also prepares the statement on the connection that came after the last one.
  void calm() { settle_well(ask(next_start())); }

  std::string newest_writer() { return world.value("select max(writer) from skald.writer"); }

  // What the lane says became of it, against what the database has.
  void judge(const Asked& asked) {
    const auto saga = to_text(asked.append.saga);
    const auto rows = world.sql(
        "select writer, position from skald.event where saga_id = $1 and version >= $2::int order by version",
        {saga, std::to_string(asked.append.first_version)});
    if (const auto* committed = std::get_if<Committed>(&**asked.result)) {
      REQUIRE(rows.size() == asked.append.events.size());
      CHECK(*rows.back()[1] == std::to_string(committed->last.number));
      ++totals.acknowledged;
      count(asked, *rows.back()[0]);
    } else {
      CHECK(rows.empty());
      ++refused;
    }
    const auto beside = world.sql(
        "select count(*), count(start_key), (select count(*) from skald.start_key k where k.saga_id = "
        "$1::uuid) "
        "from skald.saga where saga_id = $1::uuid",
        {saga});
    const bool is_there = is<Committed>(**asked.result) || asked.append.first_version > 1;
    CHECK(beside[0][0] == (is_there ? "1" : "0"));
    CHECK(beside[0][1] == beside[0][2]);
    judge_partition(asked.append.saga.partition());
  }
  void judge_partition(Partition partition) {
    const auto faults = world.sql(
        "select count(*) filter (where position <> place), count(*) filter (where version <> nth), "
        "count(*) filter (where before is distinct from writer and before is not null and (before > writer "
        "or not "
        "  exists (select from skald.writer w where w.writer = before and w.revoked_at is not null))) "
        "from (select position, version, writer, lag(writer) over (order by position) as before, "
        "      row_number() over (order by position) as place, "
        "      row_number() over (partition by saga_id order by position) as nth "
        "      from skald.event where partition = $1::int) e",
        {std::to_string(partition.number)});
    CHECK(faults[0][0] == "0");
    CHECK(faults[0][1] == "0");
    CHECK(faults[0][2] == "0");
  }
  void count(const Asked& asked, const std::string& written_by) {
    if (newest_writer() == asked.writer)
      ++untouched;
    else
      ++(written_by == asked.writer ? found : sent_again);
  }
  // Takes the counts of what happened without a fault out again.
  void begin(std::string name) {
    what = std::move(name);
    injected = found = sent_again = untouched = refused = 0;
  }

  // Thousands of faults are thousands of lines about them.
  struct Quiet {
    explicit Quiet(bool wanted) {
      if (wanted) spdlog::set_level(spdlog::level::err);
    }
  } quiet;
  PgWorld world;
  FaultProxy proxy;
  std::unique_ptr<Log> log;
  int number = 0;
  std::string what = "nothing";
  int injected = 0, found = 0, sent_again = 0, untouched = 0, refused = 0;
};

// Calm appends between the faults change no count but `untouched`, and each fault must hit.
void under(Stage& stage, const std::function<void()>& arm,
           const std::function<void(const Stage::Asked&)>& then = {}) {
  stage.calm();
  --stage.untouched;
  arm();
  const auto asked = stage.ask(stage.next_start());
  if (then) then(asked);
  stage.settle_well(asked);
  CHECK(stage.proxy.has_hit());
  ++stage.injected;
}

// How many bytes have gone each way since the last look.
struct Traffic {
  explicit Traffic(FaultProxy& proxy) : proxy(proxy) { begin(); }
  void begin() {
    for (const auto way : {Direction::ToServer, Direction::ToClient}) before[way] = proxy.passed(way);
  }
  std::size_t in(Direction way) { return proxy.passed(way) - before[way]; }
  FaultProxy& proxy;
  std::map<Direction, std::size_t> before;
};

std::string name_of(Direction way) {
  return way == Direction::ToServer ? "to the server" : "to the lane";
}

}  // namespace

TEST_CASE("append under faults: cut after any byte, it is there once and its answer is true") {
  Stage stage;
  stage.calm();
  Traffic traffic(stage.proxy);
  stage.calm();
  const auto sent = traffic.in(Direction::ToServer), answered = traffic.in(Direction::ToClient);
  REQUIRE(sent > 500);
  REQUIRE(answered > 50);
  SUBCASE("towards the server") {
    stage.begin("a start cut after b of " + std::to_string(sent) + " bytes to the server");
    for (const auto after : cuts(sent, 29)) {
      CAPTURE(after);
      under(stage, [&] { stage.proxy.cut(Direction::ToServer, after); });
    }
    CHECK(stage.sent_again == stage.injected);
  }
  SUBCASE("towards the lane: executed, and some or all of the answer lost") {
    stage.begin("a start cut after b of " + std::to_string(answered) + " bytes to the lane");
    for (const auto after : cuts(answered, 7)) {
      CAPTURE(after);
      under(stage, [&] { stage.proxy.cut(Direction::ToClient, after); });
    }
    CHECK(stage.found == stage.injected);
  }
}

TEST_CASE(
    "append under faults: an append to a saga that runs, with a change of its row, cut after any byte") {
  auto way = Direction::ToServer;
  SUBCASE("towards the server") {}
  SUBCASE("towards the lane") {
    way = Direction::ToClient;
  }
  Stage stage;
  const auto begun = [&] {
    const auto saga = stage.next_saga();
    stage.settle_well(stage.ask(start_of(saga)));
    return saga;
  };
  const auto first = begun();
  Traffic traffic(stage.proxy);
  stage.settle_well(stage.ask(end_of(first, 3)));
  const auto size = traffic.in(way);
  stage.begin("the end of a saga cut after b of " + std::to_string(size) + " bytes " + name_of(way));
  for (const auto after : cuts(size, way == Direction::ToServer ? 97 : 23)) {
    CAPTURE(after);
    const auto saga = begun();
    --stage.untouched;
    stage.proxy.cut(way, after);
    stage.settle_well(stage.ask(end_of(saga, 3)));
    CHECK(stage.proxy.has_hit());
    CHECK(stage.world.value("select status from skald.saga where saga_id = $1", {to_text(saga)}) ==
          "completed");
    ++stage.injected;
  }
  CHECK((way == Direction::ToServer ? stage.sent_again : stage.found) == stage.injected);
}

TEST_CASE("append under faults: cut again after any byte while finding out what became of it") {
  auto way = Direction::ToServer;
  SUBCASE("towards the server") {}
  SUBCASE("towards the lane") {
    way = Direction::ToClient;
  }
  Stage stage;
  stage.calm();
  const auto finding_out = [&](const std::function<void()>& second) {
    stage.proxy.cut(Direction::ToClient, 3);
    const auto asked = stage.ask(stage.next_start());
    stage.world.run_until([&] { return stage.proxy.has_hit(); });
    second();
    stage.settle_well(asked);
  };
  Traffic traffic(stage.proxy);
  finding_out([&] { traffic.begin(); });
  const auto size = traffic.in(way);
  REQUIRE(size > 1000);
  stage.begin("two cuts, the second after b of " + std::to_string(size) + " bytes of the entrance " +
              name_of(way));
  for (const auto after : cuts(size, 151)) {
    CAPTURE(after);
    stage.calm();
    --stage.untouched;
    finding_out([&] { stage.proxy.cut(way, after); });
    CHECK(stage.proxy.has_hit());
    ++stage.injected;
  }
  CHECK(stage.found == stage.injected);
}

TEST_CASE("append under faults: executed, and only the last message of the answer lost") {
  Stage stage;
  SUBCASE("with the connection") {
    stage.begin("only ReadyForQuery lost");
    for (int i = 0; i < 5; ++i) under(stage, [&] { stage.proxy.lose_ready(); });
  }
  SUBCASE("and in its place the news that the server is shut down") {
    stage.begin("an error after CommandComplete, of a server that ends, the commit was done");
    for (int i = 0; i < 5; ++i) under(stage, [&] { stage.proxy.say_shut_down(); });
  }
  CHECK(stage.found == stage.injected);
}

TEST_CASE("append under faults: rows and CommandComplete prove nothing when the commit fails after them") {
  for (const std::string sqlstate : {"40001", "53100", "57014"}) {
    CAPTURE(sqlstate);
    Stage stage;
    stage.begin("an error " + sqlstate + " after CommandComplete, nothing was kept");
    for (int i = 0; i < 3; ++i) under(stage, [&] { stage.proxy.fail_commit(sqlstate); });
    CHECK(stage.untouched == stage.injected);  // done again in the name of the same writer
    CHECK(stage.found == 0);
  }
}

TEST_CASE("append under faults: a peer that falls silent without a goodbye") {
  Stage stage;
  SUBCASE("before it got the append") {
    stage.begin("half open, the append never arrives");
    under(stage, [&] { stage.proxy.silence(Direction::ToServer); });
    CHECK(stage.sent_again == 1);
  }
  SUBCASE("after it has committed") {
    stage.begin("half open, the answer never arrives");
    under(stage, [&] { stage.proxy.silence(Direction::ToClient); });
    CHECK(stage.found == 1);
  }
}

TEST_CASE("append under faults: bytes that dribble in are a slow answer, and no reason to doubt") {
  Stage stage;
  stage.begin("one byte at a time, both ways");
  for (int i = 0; i < 3; ++i) under(stage, [&] { stage.proxy.dribble(); });
  CHECK(stage.untouched == stage.injected);
}

TEST_CASE("append under faults: a revoke that arrives between the execution and the commit") {
  Stage stage;
  const auto revoking =
      "select count(*) from pg_stat_activity where datname = current_database() "
      "and wait_event_type = 'Lock' and query like '%skald.enter%'";
  SUBCASE("waits for the commit, which counts; the lane finds out with the next append") {
    stage.begin("a revoke between Execute and Sync, the commit comes within a second");
    for (int i = 0; i < 3; ++i) {
      stage.world.make_silent("one");
      std::unique_ptr<Log> other;
      under(
          stage, [&] { stage.proxy.hold_commit(); },
          [&](const Stage::Asked&) {
            stage.world.run_until([&] { return stage.proxy.has_hit(); });
            stage.world.make_silent("one");
            other = stage.world.log({"two"});
            other->open([](Result<std::vector<Partition>>) {});
            stage.world.run_until([&] { return stage.world.value(revoking) == "1"; });
            stage.proxy.commit();
          });
      stage.world.run_until([&] { return stage.world.beat(*other).gained.empty() && other->healthy(); });
      const auto late = stage.ask(start_of(stage.next_saga()));
      CHECK(is<NotOwner>(stage.settle(late)));
      bool closed = false;
      other->close([&] { closed = true; });
      stage.world.run_until([&] { return closed; });
      stage.world.beat(*stage.log);
    }
    CHECK(stage.refused == stage.injected);
  }
  SUBCASE("ends an append that does not come to its commit within a second; nothing of it is kept") {
    stage.begin("a revoke between Execute and Sync, the commit never comes");
    for (int i = 0; i < 3; ++i) {
      stage.world.beat(*stage.log);
      stage.calm();
      --stage.untouched;
      stage.proxy.hold_commit();
      const auto asked = stage.ask(stage.next_start());
      stage.world.run_until([&] { return stage.proxy.has_hit(); });
      stage.world.make_silent("one");
      auto other = stage.world.opened({"two"});
      const auto result = stage.settle(asked);
      ++stage.injected;
      // Whose append was ended comes back at once, and may be there first. Either has the partition then, not
      // both.
      if (is<NotOwner>(result))
        CHECK(is<Committed>(stage.world.append(*other, asked.append)));
      else
        CHECK(is<NotOwner>(stage.world.append(*other, next_of(asked.append.saga, 3))));
      stage.judge_partition(asked.append.saga.partition());
      bool closed = false;
      other->close([&] { closed = true; });
      stage.world.run_until([&] { return closed; });
    }
    CHECK(stage.found == 0);
  }
}

TEST_CASE("append under faults: another server answers on the same connection, and knows less") {
  std::string directory = "/tmp/skald-other-XXXXXX";
  REQUIRE(mkdtemp(directory.data()));
  const auto start = [&] {
    return PrivateServer::start(directory, {.ephemeral = true, .settings = {}}).value();
  };
  auto server = start();
  migrate(server.conninfo(), {.partition_count = kPartitions}).value();
  PgWorld world;  // lends its loop
  FaultProxy proxy(world.io(), socket_directory(server.conninfo()));
  proxy.pool();
  auto log = world.log_through(server.conninfo() + " host=" + proxy.directory(), {"one"});
  world.await<Result<std::vector<Partition>>>([&](auto done) { log->open(done); }).value();
  const auto saga = saga_in({0}, 1), lost = saga_in({0}, 2), elsewhere = saga_in({1}, 3);
  as<Committed>(world.append(*log, start_of(saga)));
  as<Committed>(world.append(*log, start_of(elsewhere)));
  as<Committed>(world.append(*log, start_of(lost)));

  // The log, idle, sees none of this: its writer still stands there, and what was acknowledged last is
  // missing, as after a fail-over to a standby that lagged behind.
  server.stop();
  server = start();
  auto sql = BlockingConnection::open(server.conninfo()).value();
  sql.run("delete from skald.event where saga_id = $1", {to_text(lost)}).value();
  sql.run("delete from skald.saga where saga_id = $1", {to_text(lost)}).value();
  proxy.switch_to(socket_directory(server.conninfo()));

  CHECK(is<NotOwner>(world.append(*log, next_of(lost, 3))));
  CHECK(is<NotOwner>(world.append(*log, next_of(saga, 3))));
  CHECK(is<Committed>(world.append(*log, next_of(elsewhere, 3))));
  const auto told = world.beat(*log);
  CHECK(told.lost == std::vector<Partition>{{0}});
  CHECK(told.gained == std::vector<Partition>{{0}});
  CHECK(as<Committed>(world.append(*log, next_of(saga, 3))).last == Position{{0}, 3});
  CHECK(world.read_saga(*log, saga).back().writer == 2);
  CHECK(sql.value("select count(*) from skald.writer where writer = 1 and revoked_at is not null").value() ==
        "1");
  check_log(world, *log);
  ++totals.injected;
  std::cout << "injected: 1 × another server on the same connection, which had lost the last append; the "
               "lane was told "
               "of the one partition concerned\n";
  server.stop();
  std::filesystem::remove_all(directory);
}

TEST_CASE(
    "append under faults: a pooler that hands over to a server session without our prepared statements") {
  Stage stage;
  stage.begin("the server does not know what was prepared");
  for (int i = 0; i < 3; ++i) {
    under(stage, [&] {
      stage.world.read_saga(*stage.log, saga_in({1}, 1));
      stage.proxy.forget_prepared();
      stage.proxy.switch_to(socket_directory(stage.world.conninfo()));
    });
    CHECK(stage.world.read_saga(*stage.log, saga_in({1}, 1)).size() == 2);
  }
  CHECK(stage.sent_again == stage.injected);
}

// The last one, so it counts what those before have done.
TEST_CASE("append under faults: enough of them have hit, and enough appends were acknowledged") {
  std::cout << "=== " << totals.injected << " faults injected, each of which hit; " << totals.acknowledged
            << " acknowledged appends, each judged by the database" << std::endl;
  const int least = all() ? kInjectedAtLeastAtEveryByte : kInjectedAtLeast;
  CHECK_MESSAGE(totals.injected >= least, "refused: too few faults");
  CHECK_MESSAGE(totals.acknowledged >= least, "refused: too few acknowledged appends");
}
