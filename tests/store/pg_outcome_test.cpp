// What becomes of an append when its connection, its backend or its whole server goes away in the middle.
#include <filesystem>
#include <map>

#include "eventstore/pg/migrate.hpp"
#include "tests/contract/pg_world.hpp"
#include "tests/store/fault_proxy.hpp"

using namespace skald;
using namespace skald::store;
using namespace skald::store::testing;

namespace {

// Sits on a start key without committing: an append that wants the key waits for as long as this lives.
class HeldKey {
 public:
  HeldKey(PgWorld& world, const std::string& key) : session_(world.connect()) {
    session_.run("begin").value();
    session_.run("insert into skald.start_key values ('recruitment', $1, gen_random_uuid(), '\\x00')", {key})
        .value();
  }
  void let_go() { session_.run("rollback").value(); }

 private:
  BlockingConnection session_;
};

constexpr auto kWaitingAppend =
    "select pid from pg_stat_activity where datname = current_database() "
    "and wait_event_type = 'Lock' and query like '%with fence%'";

void wait_for_blocked_append(PgWorld& world) {
  world.run_until([&] { return !world.sql(kWaitingAppend).empty(); });
}

// Another node takes the partition, says what happens next, and gives everything back at once.
void somebody_else_goes_on(PgWorld& world, SagaId saga, std::int32_t version, LaneName name = {"two"}) {
  world.make_silent("one");
  auto other = world.opened(std::move(name));
  as<Committed>(world.append(*other, next_of(saga, version)));
  bool closed = false;
  other->close([&] { closed = true; });
  world.run_until([&] { return closed; });
}

}  // namespace

TEST_CASE(
    "log on PostgreSQL: a backend that is killed in the middle of an append leaves nothing, and it is sent "
    "again") {
  PgWorld world;
  auto log = world.opened({"one"});
  as<Committed>(world.append(*log, start_of(saga_in({0}, 1))));
  HeldKey held(world, "key");
  auto result = std::make_shared<std::optional<AppendResult>>();
  log->append(start_of(saga_in({0}, 2), "key"), [result](AppendResult r) { *result = r; });
  wait_for_blocked_append(world);
  world.sql("select pg_terminate_backend(pid, 5000) from (" + std::string(kWaitingAppend) + ") q");
  world.run_until([&] { return world.value("select max(writer) from skald.writer") == "2"; });
  held.let_go();
  world.run_until([&] { return result->has_value(); });
  CHECK(as<Committed>(**result).last == Position{{0}, 4});
  CHECK(world.read_saga(*log, saga_in({0}, 2)).front().writer == 2);
  check_log(world, *log);
}

TEST_CASE("log on PostgreSQL: connections that died while idle cost an append nothing but time") {
  PgWorld world;
  auto log = world.opened({"one"});
  as<Committed>(world.append(*log, start_of(saga_in({0}, 1))));
  world.beat(*log);
  world.read_saga(*log, saga_in({0}, 1));
  world.sql(
      "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
      "where datname = current_database() and pid <> pg_backend_pid()");
  CHECK(is<Committed>(world.append(*log, next_of(saga_in({0}, 1), 3))));
  CHECK(world.read_saga(*log, saga_in({0}, 1)).size() == 3);
  check_log(world, *log);
}

TEST_CASE("log on PostgreSQL: what is in doubt when its partitions are taken is answered from the log") {
  PgWorld world;
  FaultProxy proxy(world.io(), socket_directory(world.conninfo()));
  auto log = world.log_through(world.conninfo() + " host=" + proxy.directory(), {"one"});
  world.await<Result<std::vector<Partition>>>([&](auto done) { log->open(done); }).value();
  as<Committed>(world.append(*log, start_of(saga_in({0}, 1))));
  std::unique_ptr<Log> other;
  auto result = std::make_shared<std::optional<AppendResult>>();
  SUBCASE("it had been committed") {
    proxy.cut(Direction::ToClient, 3);
    log->append(next_of(saga_in({0}, 1), 3), [result](AppendResult r) { *result = r; });
    world.run_until([&] { return proxy.has_hit(); });
    // Revokes the writer before it has found out.
    world.make_silent("one");
    other = world.opened({"two"});
    world.run_until([&] { return result->has_value(); });
    CHECK(is<Committed>(**result));
  }
  SUBCASE("it had not") {
    proxy.cut(Direction::ToServer, 100);
    log->append(next_of(saga_in({0}, 1), 3), [result](AppendResult r) { *result = r; });
    world.run_until([&] { return proxy.has_hit(); });
    world.make_silent("one");
    world.sql("select skald.revoke(array[1])");
    world.sql("select skald.enter('two', 0, 1, gen_random_uuid())");
    world.run_until([&] { return result->has_value(); });
    CHECK(is<NotOwner>(**result));
  }
  check_log(world, *log);
}

TEST_CASE(
    "log on PostgreSQL: what waits for a partition that was lost and came back is not written, because "
    "others "
    "have gone on there") {
  PgWorld world;
  auto log = world.opened({"one"});
  const auto saga = saga_in({0}, 1);
  as<Committed>(world.append(*log, start_of(saga)));
  world.beat(*log);
  somebody_else_goes_on(world, saga, 3);

  // The lane enters anew because its append was fenced; held back there until a beat waits for the same.
  auto held = world.connect();
  held.run("begin").value();
  held.run("lock table skald.writer in share mode").value();
  auto stale = std::make_shared<std::optional<AppendResult>>();
  auto told = std::make_shared<std::optional<Ownership>>();
  log->append(next_of(saga, 3), [stale](AppendResult result) { *stale = result; });
  world.run_until([&] {
    return world.value(
               "select count(*) from pg_stat_activity where datname = current_database() "
               "and wait_event_type = 'Lock' and query like '%skald.enter%'") == "1";
  });
  log->beat([told](Result<Ownership> ownership) { *told = ownership.value(); });
  held.run("rollback").value();
  world.run_until([&] { return stale->has_value() && told->has_value(); });
  CHECK(is<NotOwner>(**stale));
  CHECK((*told)->lost.size() == kPartitions);
  CHECK((*told)->gained.size() == kPartitions);
  CHECK(world.read_saga(*log, saga).size() == 3);
  CHECK(is<Committed>(world.append(*log, next_of(saga, 4))));
  check_log(world, *log);
}

TEST_CASE(
    "log on PostgreSQL: while a lane does not know yet that a partition was lost and came back, it gets "
    "nothing "
    "written there, even if it learns of it before the next commit") {
  PgWorld world;
  auto log = world.opened({"one"});
  const auto saga = saga_in({0}, 1);
  as<Committed>(world.append(*log, start_of(saga)));
  world.beat(*log);
  somebody_else_goes_on(world, saga, 3, {"two", 0, 2});  // takes the even ones only
  CHECK(is<Committed>(world.append(*log, start_of(saga_in({1}, 2)))));

  HeldKey held(world, "key");
  auto other = std::make_shared<std::optional<AppendResult>>();
  auto stale = std::make_shared<std::optional<AppendResult>>();
  log->append(start_of(saga_in({1}, 3), "key"), [other](AppendResult result) { *other = result; });
  wait_for_blocked_append(world);
  log->append(next_of(saga, 3), [stale](AppendResult result) { *stale = result; });
  const auto told = world.beat(*log);
  CHECK(told.lost.size() == kPartitions / 2);
  CHECK(told.gained.size() == kPartitions / 2);
  held.let_go();
  world.run_until([&] { return stale->has_value() && other->has_value(); });
  CHECK(is<Committed>(**other));
  CHECK(is<NotOwner>(**stale));
  check_log(world, *log);
}

TEST_CASE("log on PostgreSQL: another server behind the same address fences the lane, which enters anew") {
  PgWorld world;
  auto log = world.opened({"one"});
  as<Committed>(world.append(*log, start_of(saga_in({0}, 1))));
  world.sql("update skald.writer set server_started_at = server_started_at - interval '1 second'");
  CHECK(as<Committed>(world.append(*log, next_of(saga_in({0}, 1), 3))).last == Position{{0}, 3});
  CHECK(world.read_saga(*log, saga_in({0}, 1)).back().writer == 2);
}

TEST_CASE(
    "log on PostgreSQL: when acknowledged events are gone, the log wins and the lane is told to load anew") {
  PgWorld world;
  auto log = world.opened({"one"});
  as<Committed>(world.append(*log, start_of(saga_in({0}, 1))));
  as<Committed>(world.append(*log, start_of(saga_in({1}, 2))));
  // As a fail-over to a standby that lagged behind would leave it.
  world.sql("delete from skald.event where partition = 0 and position = 2");
  world.sql("update skald.writer set server_started_at = server_started_at - interval '1 second'");
  CHECK(is<NotOwner>(world.append(*log, next_of(saga_in({0}, 1), 3))));
  CHECK(is<Committed>(world.append(*log, next_of(saga_in({1}, 2), 3))));
  const auto told = world.beat(*log);
  CHECK(told.lost == std::vector<Partition>{{0}});
  CHECK(told.gained == std::vector<Partition>{{0}});
  CHECK(as<Committed>(world.append(*log, next_of(saga_in({0}, 1), 2))).last == Position{{0}, 2});
}

TEST_CASE(
    "log on PostgreSQL: an append that hangs is terminated after a second by the take-over that waits for "
    "it") {
  PgWorld world;
  auto one = world.opened({"one"});
  auto hanging = world.connect();  // what an append holds, in the name of a process that does not answer
  hanging.run("begin").value();
  hanging.run("select from skald.writer where writer = 1 for share").value();
  world.make_silent("one");
  auto two = world.opened({"two"});
  CHECK(!hanging.run("commit").has_value());
  CHECK(is<Committed>(world.append(*two, start_of(saga_in({0}, 2)))));
  CHECK(is<NotOwner>(world.append(*one, start_of(saga_in({0}, 1)))));
  check_log(world, *two);
}

TEST_CASE("log on PostgreSQL: a partition grows past its segment while appends go on") {
  PgWorld world;
  world.sql(
      "update skald.setting set segment_positions = 5; drop table skald.event_000000, skald.event_000001; "
      "delete from skald.segment; select skald.make_segments(6)");
  auto log = world.opened({"one"});
  for (int i = 1; i <= 40; ++i) as<Committed>(world.append(*log, start_of(saga_in({0}, i))));
  CHECK(world.read_partition(*log, {0}).size() == 80);
  world.beat(*log);
  CHECK(std::stoi(world.value("select max(end_position) from skald.segment")) >= 90);
  check_log(world, *log);
}

TEST_CASE(
    "log on PostgreSQL: a database without the schema, or with a newer one, is refused with what to do") {
  PgWorld world;
  const auto why_not = [&](const std::string& damage) {
    world.sql(damage);
    auto log = world.log({"one"});
    const auto opened = world.await<Result<std::vector<Partition>>>([&](auto done) { log->open(done); });
    REQUIRE(!opened.has_value());
    CHECK(opened.error().kind == ErrorKind::Conflict);
    return opened.error().message;
  };
  CHECK(why_not("update skald.setting set format = 2").find("format 2") != std::string::npos);
  CHECK(why_not("drop schema skald cascade").find("skald migrate") != std::string::npos);
}

TEST_CASE(
    "log on PostgreSQL: a refusal that is nobody's fault is tried again, told after a second, and forgotten "
    "when it ends") {
  PgWorld world;
  auto log = world.opened({"one"});
  as<Committed>(world.append(*log, start_of(saga_in({0}, 1))));
  world.sql("alter table skald.event rename column type to kind");
  auto refused = std::make_shared<std::optional<AppendResult>>();
  log->append(next_of(saga_in({0}, 1), 3), [refused](AppendResult r) { *refused = r; });
  world.run_until([&] { return !log->healthy(); });
  world.beat(*log);  // it goes on giving signs of life: its writer stands, and others must see that
  world.run_until([&] { return refused->has_value(); });
  CHECK(is<LogUnavailable>(**refused));
  world.sql("alter table skald.event rename column kind to type");
  auto result = world.append(*log, next_of(saga_in({0}, 1), 3));
  while (is<LogUnavailable>(result)) result = world.append(*log, next_of(saga_in({0}, 1), 3));
  CHECK(as<Committed>(result).last == Position{{0}, 3});
  check_log(world, *log);
}

TEST_CASE(
    "log on PostgreSQL: an append whose wait for the standby was cancelled is looked up, not believed") {
  PgWorld world;
  auto log = world.opened({"one"});
  const auto standby = [&](const std::string& name) {
    world.sql("alter system set synchronous_standby_names = '" + name + "'");
    world.sql("select pg_reload_conf()");
    world.run_until([&] { return world.value("show synchronous_standby_names") == name; });
  };
  const std::string waits =
      "from pg_stat_activity where datname = current_database() and wait_event = 'SyncRep'";
  standby("nobody");
  auto result = std::make_shared<std::optional<AppendResult>>();
  log->append(start_of(saga_in({0}, 1)), [result](AppendResult r) { *result = r; });
  world.run_until([&] { return world.value("select count(*) " + waits) == "1"; });
  world.sql("select pg_cancel_backend(pid) " + waits);
  // The new writer's registration waits for the standby as well, and nothing is answered before that is
  // through.
  world.run_until(
      [&] { return world.value("select count(*) " + waits + " and query like '%skald.enter%'") == "1"; });
  CHECK(!result->has_value());
  standby("");
  world.run_until([&] { return result->has_value(); });
  CHECK(as<Committed>(**result).last == Position{{0}, 2});
  CHECK(world.read_saga(*log, saga_in({0}, 1)).size() == 2);
}

TEST_CASE(
    "log on PostgreSQL: while the server is down appends are refused, one in doubt waits and is answered "
    "after") {
  std::string directory = "/tmp/skald-restart-XXXXXX";
  REQUIRE(mkdtemp(directory.data()));
  auto server = PrivateServer::start(directory, {.ephemeral = true, .settings = {}}).value();
  const auto conninfo = server.conninfo();
  migrate(conninfo, {.partition_count = kPartitions}).value();
  PgWorld world;  // lends its loop
  auto log = world.log_through(conninfo, {"one"});
  world.await<Result<std::vector<Partition>>>([&](auto done) { log->open(done); }).value();
  as<Committed>(world.append(*log, start_of(saga_in({0}, 1))));
  CHECK(log->healthy());

  server.stop();
  auto in_doubt = std::make_shared<std::optional<AppendResult>>();
  log->append(next_of(saga_in({0}, 1), 3), [in_doubt](AppendResult r) { *in_doubt = r; });
  world.run_until([&] { return !log->healthy(); });
  // The first one after it waits a second for the database to come back; then they are refused at once.
  CHECK(is<LogUnavailable>(world.append(*log, start_of(saga_in({1}, 2)))));
  CHECK(is<LogUnavailable>(world.append(*log, start_of(saga_in({1}, 3)))));
  CHECK(!in_doubt->has_value());
  CHECK(!log->healthy());
  const auto beat = world.await<Result<Ownership>>([&](auto done) { log->beat(done); });
  REQUIRE(!beat.has_value());
  CHECK(beat.error().kind == ErrorKind::Unavailable);
  const auto read = world.await<Result<std::vector<StoredEvent>>>(
      [&](auto done) { log->read_saga(saga_in({0}, 1), 0, 10, done); });
  REQUIRE(!read.has_value());
  CHECK(read.error().kind == ErrorKind::Unavailable);

  server = PrivateServer::start(directory, {.ephemeral = true, .settings = {}}).value();
  CHECK(server.conninfo() == conninfo);
  world.run_until([&] { return in_doubt->has_value(); });
  CHECK(as<Committed>(**in_doubt).last == Position{{0}, 3});
  const auto told = world.beat(*log);
  CHECK(told.lost.empty());
  CHECK(told.gained.empty());
  CHECK(is<Committed>(world.append(*log, start_of(saga_in({1}, 2)))));
  CHECK(log->healthy());
  check_log(world, *log);
  bool closed = false;
  log->close([&] { closed = true; });
  world.run_until([&] { return closed; });
  server.stop();
  std::filesystem::remove_all(directory);
}
