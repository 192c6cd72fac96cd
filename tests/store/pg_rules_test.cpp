// Rules of semantics.md section 6 that were found by trying: each test breaks the rule on purpose and sees
// the loss, then does it our way and sees none. In plain SQL, without the log's own code where it would be in
// the way.
#include <libpq-fe.h>

#include <future>

#include "eventstore/pg/statements.hpp"
#include "tests/contract/pg_world.hpp"

using namespace skald;
using namespace skald::store;
using namespace skald::store::testing;

namespace {

using Rows_ = std::vector<BlockingConnection::Row>;

// A statement that runs on a connection of its own until somebody lets it go on.
class Waiting {
 public:
  Waiting(PgWorld& world, std::string sql)
      : session_(world.connect()), pid_(session_.value("select pg_backend_pid()").value()) {
    rows_ = std::async(std::launch::async, [this, sql = std::move(sql)] { return session_.run(sql); });
    world.run_until([&] {
      return world.value(
                 "select count(*) from pg_stat_activity where pid = $1::int and wait_event_type = 'Lock'",
                 {pid_}) == "1";
    });
  }
  Result<Rows_> rows() { return rows_.get(); }

 private:
  BlockingConnection session_;
  std::string pid_;
  std::future<Result<Rows_>> rows_;
};

const std::string kFence =
    "select writer from skald.writer where writer = 1 and revoked_at is null for share";
std::string insert_event(const std::string& position, const std::string& writer = "1") {
  return "insert into skald.event (partition, position, saga_id, version, type, time, data, writer) values "
         "(0, " +
         position + ", gen_random_uuid(), 1, 'SagaStarted', now(), '{}', " + writer + ")";
}
std::string enter(const std::string& node) {
  return "select skald.enter('" + node + "', 0, 1, gen_random_uuid())";
}

// A node "one" that has every partition, as writer 1, and an open append of it at position 1.
struct OpenAppend {
  explicit OpenAppend(PgWorld& world) : session(world.connect()) {
    world.sql(enter("one"));
    session.run("begin").value();
    session.run(kFence).value();
    session.run(insert_event("1")).value();
  }
  BlockingConnection session;
};

}  // namespace

TEST_CASE("rule: a revoke that meets an open append waits for it") {
  PgWorld world;
  OpenAppend append(world);
  Waiting revoke(world, "update skald.writer set revoked_at = now() where writer = 1");
  append.session.run("commit").value();
  CHECK(revoke.rows().has_value());
  CHECK(world.value("select count(*) from skald.event") == "1");
}

TEST_CASE("rule: an append that meets an uncommitted revoke waits, and then inserts nothing") {
  PgWorld world;
  world.sql(enter("one"));
  auto revoke = world.connect();
  revoke.run("begin; update skald.writer set revoked_at = now() where writer = 1").value();
  Waiting append(world,
                 "with fence as materialized (" + kFence +
                     "), appended as (insert into skald.event "
                     "(partition, position, saga_id, version, type, time, data, writer) select 0, 1, "
                     "gen_random_uuid(), 1, 'SagaStarted', now(), '{}', writer from fence returning 1) "
                     "select count(*) from appended");
  revoke.run("commit").value();
  CHECK(append.rows().value().front().front() == "0");
  CHECK(world.value("select count(*) from skald.event") == "0");
}

TEST_CASE(
    "rule: the tail is read by a statement begun after the claim was committed; in one with it, it is too "
    "low") {
  PgWorld world;
  OpenAppend append(world);
  SUBCASE("broken: the take-over believes the partition is empty") {
    Waiting take_over(
        world,
        "with revoked as (update skald.writer set revoked_at = now() where writer = 1 returning writer), "
        "claimed as (update skald.ownership set writer = 2 where writer in (select writer from revoked)) "
        "select coalesce(max(position), 0) from skald.event where partition = 0");
    append.session.run("commit").value();
    CHECK(take_over.rows().value().front().front() == "0");
  }
  SUBCASE("kept: it knows the last event") {
    world.sql("update skald.heartbeat set beaten_at = now() - interval '1 minute'");
    Waiting take_over(world, enter("two"));
    append.session.run("commit").value();
    REQUIRE(take_over.rows().has_value());
    CHECK(world.value("select max(position) from skald.ownership join skald.event using (partition) "
                      "where ownership.writer = 2 and partition = 0") == "1");
  }
}

TEST_CASE("rule: a partition given away while its writer lives is written by both") {
  PgWorld world;
  world.sql(enter("one"));
  world.sql(enter("two"));
  // The new owner reads the tail, the old one knows of nothing and appends: the fence lets it.
  const auto take_partition_0 = [&] {
    world.sql("update skald.ownership set writer = 2 where partition = 0");
    return world.value("select coalesce(max(position), 0) + 1 from skald.event where partition = 0");
  };
  const auto append_as_old_owner = [&] {
    return world.value("with fence as materialized (" + kFence +
                       "), appended as (insert into skald.event "
                       "(partition, position, saga_id, version, type, time, data, writer) select 0, 1, "
                       "gen_random_uuid(), 1, 'SagaStarted', now(), '{}', writer from fence returning 1) "
                       "select count(*) from appended");
  };
  SUBCASE("broken: two events want one position, and only the key of the table is left to notice") {
    const auto position = take_partition_0();
    CHECK(append_as_old_owner() == "1");
    const auto second = world.connect().run(insert_event(position, "2"));
    REQUIRE(!second.has_value());
    CHECK(second.error().message.starts_with("[23505]"));
  }
  SUBCASE("kept: the old writer was revoked first and appends nothing") {
    world.sql("select skald.revoke(array[1])");
    const auto position = take_partition_0();
    CHECK(append_as_old_owner() == "0");
    CHECK(world.connect().run(insert_event(position, "2")).has_value());
  }
}

TEST_CASE("rule: start keys are inserted in order; in any order, two lanes wait for each other") {
  PgWorld world;
  const auto insert = [](const std::string& key) {
    return "insert into skald.start_key values ('recruitment', '" + key + "', gen_random_uuid(), '')";
  };
  auto one = world.connect();
  one.run("begin").value();
  SUBCASE("broken: one of them is shot as the victim of a deadlock") {
    auto two = world.connect();
    two.run("begin").value();
    one.run(insert("a")).value();
    two.run(insert("b")).value();
    auto first = std::async(std::launch::async, [&] { return one.run(insert("b")); });
    const auto second = two.run(insert("a"));
    if (!second) two.run("rollback").value();
    const auto result = first.get();
    const auto& victim = second ? result : second;
    REQUIRE(!victim.has_value());
    CHECK(victim.error().message.starts_with("[40P01]"));
  }
  SUBCASE("kept: the second waits for the first and then learns that the key is taken") {
    one.run(insert("a")).value();
    Waiting two(world, insert("a") + ";" + insert("b"));
    one.run(insert("b")).value();
    one.run("commit").value();
    const auto result = two.rows();
    REQUIRE(!result.has_value());
    CHECK(result.error().message.starts_with("[23505]"));
  }
}

TEST_CASE(
    "rule: no row is touched by two branches of a statement; the update of a row just inserted is lost") {
  PgWorld world;
  world.sql(
      "with started as (insert into skald.saga values (gen_random_uuid(), now(), now(), null, null, 1, 1, 0, "
      "'running', "
      "'recruitment', 'k', null, 'h')), changed as (update skald.saga set status = 'completed') select 1");
  CHECK(world.value("select status from skald.saga") == "running");
  SUBCASE("kept: the log merges both into one insert") {
    auto log = world.opened({"one"});
    const auto saga = saga_in({0}, 1);
    for (const auto& result : world.append_all(*log, {start_of(saga), end_of(saga, 3)}))
      as<Committed>(result);
    CHECK(world.value("select status from skald.saga where saga_id = $1", {to_text(saga)}) == "completed");
    CHECK(world.value("select count(distinct xmin::text) from skald.event") == "1");
  }
}

TEST_CASE("rule: rows are no proof; an error may follow them, and then nothing was kept") {
  PgWorld world;
  world.sql(
      "create table late (key integer unique deferrable initially deferred); insert into late values (1)");
  const std::unique_ptr<PGconn, decltype(&PQfinish)> raw(PQconnectdb(world.conninfo().c_str()), &PQfinish);
  PQsendQueryParams(raw.get(), "insert into late values (1) returning key", 0, nullptr, nullptr, nullptr,
                    nullptr, 0);
  const auto next_status = [&] {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQgetResult(raw.get()), &PQclear);
    return PQresultStatus(result.get());
  };
  CHECK(next_status() == PGRES_TUPLES_OK);  // whoever stops reading here believes it was committed
  CHECK(next_status() == PGRES_FATAL_ERROR);
  CHECK(world.value("select count(*) from late") == "1");

  SUBCASE("kept: our connection answers when the server is ready, and says no") {
    const Statement insert{"late", "insert into late values (1) returning key", {}};
    auto connection = Connection::make(world.io(), world.conninfo());
    std::optional<Answer> answer;
    connection->open([&](std::optional<std::string> why_not) {
      REQUIRE(!why_not.has_value());
      connection->run(insert, {}, std::chrono::seconds(10), [&](Answer given) { answer = std::move(given); });
    });
    world.run_until([&] { return answer.has_value(); });
    REQUIRE(std::holds_alternative<Refused>(*answer));
    CHECK(std::get<Refused>(*answer).sqlstate == "23505");
    CHECK(connection->is_open());
    connection->close();
  }
}

TEST_CASE("rule: one payload with \\u0000 breaks ->> for every reader, so it never enters the log") {
  PgWorld world;
  auto log = world.opened({"one"});
  const auto count_steps = "select count(data->>'step') from skald.event";
  auto start = start_of(saga_in({0}, 1));
  start.events[0].payload = R"({"step":"\u0000"})";
  CHECK(is<Unstorable>(world.append(*log, start)));
  as<Committed>(world.append(*log, start_of(saga_in({0}, 2))));
  CHECK(world.value(count_steps) == "2");
  world.sql(
      "insert into skald.event (partition, position, saga_id, version, type, time, data, writer) values "
      "(0, 3, gen_random_uuid(), 1, 'X', now(), $1::json, 1)",
      {start.events[0].payload});
  const auto broken = world.connect().run(count_steps);
  REQUIRE(!broken.has_value());
  CHECK(broken.error().message.starts_with("[22P05]"));
}

TEST_CASE("rule: segments are made while a reader and an append are open, and hold up neither") {
  PgWorld world;
  OpenAppend append(world);
  auto reader = world.connect();
  reader.run("begin").value();
  reader.run("select count(*) from skald.event").value();
  world.sql("select skald.make_segments(10 * segment_positions) from skald.setting");
  append.session.run(insert_event("2")).value();
  append.session.run("commit").value();
  reader.run("select count(*) from skald.event").value();
  CHECK(world.value("select count(*) from skald.event") == "2");
}

TEST_CASE("rule: a writer row is written twice in its life, and its number is never used again") {
  PgWorld world;
  auto log = world.opened({"one"});
  const auto version_of_row = "select xmin::text from skald.writer where writer = 1";
  const auto registered = world.value(version_of_row);
  for (int i = 1; i <= 3; ++i) {
    as<Committed>(world.append(*log, start_of(saga_in({0}, i))));
    world.beat(*log);
  }
  CHECK(world.value(version_of_row) == registered);
  auto again = world.opened({"one"});
  CHECK(world.value("select max(writer) from skald.writer") == "2");
  CHECK(world.value("select revoked_at is not null from skald.writer where writer = 1") == "t");
}

TEST_CASE("rule: a lane is silent after three seconds, and no sooner") {
  PgWorld world;
  auto one = world.opened({"one"});
  const auto beaten_ago = [&](const std::string& span) {
    world.sql("update skald.heartbeat set beaten_at = clock_timestamp() - $1::interval", {span});
    return world.value("select count(*) from skald.silent_writers()");
  };
  CHECK(beaten_ago("2 seconds") == "0");
  CHECK(beaten_ago("3.1 seconds") == "1");
  world.beat(*one);
  CHECK(world.value("select count(*) from skald.silent_writers()") == "0");
}

TEST_CASE("rule: every branch of the append joins the fence; one that does not writes for a revoked writer") {
  PgWorld world;
  auto log = world.opened({"one"});
  world.sql("select skald.enter('two', 0, 1, gen_random_uuid()), skald.revoke(array[1])");
  const auto rows_beside =
      "select (select count(*) from skald.start_key) + (select count(*) from skald.saga)";
  SUBCASE("broken: the key is taken for a saga that is not there") {
    CHECK(
        world.value(
            "with fence as materialized (" + kFence +
            "), appended as (insert into skald.event "
            "(partition, position, saga_id, version, type, time, data, writer) select 0, 1, "
            "gen_random_uuid(), 1, 'SagaStarted', now(), '{}', writer from fence returning 1), "
            "key_taken as (insert into skald.start_key values ('recruitment', 'key', gen_random_uuid(), '')) "
            "select count(*) from appended") == "0");
    CHECK(world.value(rows_beside) == "1");
  }
  SUBCASE("kept: nothing is written anywhere") {
    world.sql("update skald.ownership set writer = 2");
    CHECK(is<NotOwner>(world.append(*log, start_of(saga_in({0}, 1), "key"))));
    CHECK(world.value(rows_beside) == "0");
    CHECK(world.value("select count(*) from skald.event") == "0");
  }
}

TEST_CASE(
    "rule: whoever takes a table away gives up after 100 ms; behind a long reader it would block all "
    "appends") {
  PgWorld world;
  world.sql(enter("one"));
  auto reader = world.connect();
  reader.run("begin").value();
  reader.run("select count(*) from skald.event").value();
  const std::string drop = "drop table skald.event_000001";
  SUBCASE("broken: the drop waits for the reader, and every append for the drop") {
    Waiting dropping(world, drop);
    Waiting append(world, insert_event("1"));
    reader.run("commit").value();
    CHECK(dropping.rows().has_value());
    CHECK(append.rows().has_value());
  }
  SUBCASE("kept: it tries again later, and appends go on") {
    const auto refused = world.connect().run("set lock_timeout = '100ms'; " + drop);
    REQUIRE(!refused.has_value());
    CHECK(refused.error().message.starts_with("[55P03]"));
    world.sql(insert_event("1"));
  }
  SUBCASE("and so does whoever makes segments") {
    reader.run("lock table skald.event").value();
    const auto refused =
        world.connect().run("select skald.make_segments(10 * segment_positions) from skald.setting");
    REQUIRE(!refused.has_value());
    CHECK(refused.error().message.starts_with("[55P03]"));
  }
}

TEST_CASE("rule: one position is one event in the whole log, whatever segment it is in") {
  PgWorld world;
  world.sql(enter("one"));
  world.sql(insert_event("1"));
  const auto twice = world.connect().run(insert_event("1"));
  REQUIRE(!twice.has_value());
  CHECK(twice.error().message.starts_with("[23505]"));
  CHECK(world.value("select count(*) from pg_index join pg_class on oid = indexrelid "
                    "where indrelid = 'skald.event'::regclass and indisprimary and relkind = 'I'") == "1");
}

TEST_CASE("rule: a node takes a partition only from a writer that was revoked") {
  PgWorld world;
  world.sql(enter("one"));
  world.sql("select skald.take_over(writer, 0, 1) from (select max(writer) as writer from skald.writer) w");
  CHECK(world.value("select count(*) from skald.claim(99, 0, 1)") == "0");
  world.sql("select skald.revoke(array[1])");
  CHECK(world.value("select count(*) from skald.claim(99, 0, 1)") == std::to_string(kPartitions));
}
