// Retention on PostgreSQL: whole sagas leave by an exchange of segments, and nothing else changes. Segments
// of eight positions here, so that sagas lie across their boundaries.
#include <doctest/doctest.h>

#include <future>

#include "eventstore/pg/retention.hpp"
#include "tests/contract/pg_world.hpp"

using namespace skald;
using namespace skald::store;
using namespace skald::store::testing;
using namespace std::chrono_literals;

namespace {

using Intent = Retention::Intent;

constexpr Duration kAge = std::chrono::days(7);

const auto kGiveUp = [] { return false; };

Result<Left> commit(Retention& retention, const std::function<bool()>& again = kGiveUp) {
  if (auto copied = retention.copy(std::nullopt); !copied) return copied.error();
  return retention.exchange(again);
}

// A log of small segments, written by one lane. Times are chosen by the test, relative to the real now.
struct OldLog {
  OldLog() {
    world.sql(
        "update skald.setting set segment_positions = 8; drop table skald.event_000000, skald.event_000001; "
        "delete from skald.segment; select skald.make_segments(9)");
    log = world.opened({"one"});
  }

  Timestamp ago(std::chrono::days days) const { return now - days; }
  Timestamp old() const { return ago(std::chrono::days(30)); }

  void must(Append append) { as<Committed>(world.append(*log, std::move(append))); }
  void start(SagaId saga, Timestamp at, std::optional<std::string> key = std::nullopt) {
    must(start_of(saga, std::move(key), at));
  }
  // Three events.
  void start_and_end(SagaId saga, Timestamp at, std::optional<std::string> key = std::nullopt) {
    start(saga, at, std::move(key));
    must(end_of(saga, 3, at));
  }

  // Partition 0, positions 1 to 24 and on; the first two segments are old:
  //   1 1 1 2 2 2 3 3 | 3 2 4 4 4 5 5 5 | 6 6 6 7 7 7 8 8
  // 1 and 3 to 6 have ended, 2 runs across the boundary, 7 ended a day ago, 8 runs.
  void fill() {
    start_and_end(saga(1), old(), "first");
    start(saga(2), old(), "second");
    must(next_of(saga(2), 3, old()));
    start(saga(3), old());
    must(end_of(saga(3), 3, old()));
    must(next_of(saga(2), 4, old()));
    for (const int number : {4, 5, 6}) start_and_end(saga(number), old());
    start_and_end(saga(7), ago(std::chrono::days(1)));
    start(saga(8), now);
  }

  static SagaId saga(int number) { return saga_in({0}, number); }

  Retention begin(Intent intent = Intent::Act, Duration age = kAge) {
    auto begun = Retention::begin(world.conninfo(), age, intent);
    REQUIRE_MESSAGE(begun.has_value(), (begun ? "" : begun.error().message));
    return std::move(*begun);
  }
  Left let_leave(Duration age = kAge) {
    auto retention = begin(Intent::Act, age);
    REQUIRE_MESSAGE(!retention.leaving().obstacle, retention.leaving().obstacle.value_or(""));
    const auto left = commit(retention);
    REQUIRE_MESSAGE(left.has_value(), (left ? "" : left.error().message));
    return *left;
  }
  std::string obstacle(Duration age = kAge) {
    return begin(Intent::Look, age).leaving().obstacle.value_or("");
  }

  // Everything that retention could have changed.
  std::string fingerprint() {
    return world.value(
        "select md5(concat_ws('|', "
        "(select string_agg(e::text, ';' order by partition, position) from skald.event e), "
        "(select string_agg(s::text, ';' order by saga_id) from skald.saga s), "
        "(select string_agg(k::text, ';' order by key) from skald.start_key k), "
        "(select string_agg(g::text, ';' order by first_position) from skald.segment g), "
        "(select string_agg(r::text, ';' order by pass) from skald.retention r)))");
  }
  std::vector<SagaId> sagas() {
    std::vector<SagaId> ids;
    for (const auto& row : world.list(*log, {.limit = 1'000})) ids.push_back(row.id);
    std::sort(ids.begin(), ids.end());
    return ids;
  }
  std::string segments() {
    return world.value(
        "select string_agg(first_position || '-' || end_position || case when kept then ' kept' else '' end, "
        "', ' "
        "order by first_position) from skald.segment where first_position < 25");
  }

  PgWorld world;
  std::unique_ptr<Log> log;
  Timestamp now = system_now();
};

std::vector<SagaId> sorted(std::vector<SagaId> ids) {
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace

TEST_CASE("retention: ended sagas leave with all their events, and what runs across a segment's end stays") {
  OldLog it;
  it.fill();
  const auto of_two = it.world.read_saga(*it.log, it.saga(2));
  const auto left = it.let_leave();
  CHECK(left.events == 12);
  CHECK(left.kept_events == 4);
  CHECK(it.segments() == "1-17 kept, 17-25");
  // 6 lies in the segment that has young events, too.
  CHECK(it.sagas() == sorted({it.saga(2), it.saga(6), it.saga(7), it.saga(8)}));
  for (const int gone : {1, 3, 4, 5}) CHECK(it.world.read_saga(*it.log, it.saga(gone)).empty());
  CHECK(it.world.value("select string_agg(key, ' ') from skald.start_key") == "second");

  const auto after = it.world.read_saga(*it.log, it.saga(2));
  REQUIRE(after.size() == of_two.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    CHECK(after[i].position == of_two[i].position);
    CHECK(after[i].version == of_two[i].version);
    CHECK(after[i].time == of_two[i].time);
    CHECK(after[i].payload == of_two[i].payload);
    CHECK(after[i].writer == of_two[i].writer);
  }
}

TEST_CASE(
    "retention: what stayed goes on and ends, also under a lane that opens the log anew, and leaves in its "
    "turn") {
  OldLog it;
  it.fill();
  it.let_leave();
  it.must(next_of(it.saga(2), 5, it.now));
  it.log = it.world.opened({"one"});
  CHECK(it.world
            .await<Result<std::vector<SagaId>>>(
                [&](auto done) { it.log->list_running({{0}}, std::nullopt, 10, done); })
            .value() == sorted({it.saga(2), it.saga(8)}));
  it.must(end_of(it.saga(2), 6, it.now));
  CHECK(it.world.read_saga(*it.log, it.saga(2)).size() == 6);
  it.must(end_of(it.saga(8), 3, it.now));
  for (int number = 20; number < 30; ++number) it.start_and_end(it.saga(number), it.now);

  it.let_leave(-1s);  // a day later, so to speak
  CHECK(it.world.read_saga(*it.log, it.saga(2)).empty());
  CHECK(it.world.value("select count(*) from skald.segment where kept") == "1");
  CHECK(it.world.value("select count(*) from skald.retention where done_at is not null") == "2");
  // The last event of a partition says where it ends: its saga is there still.
  CHECK(it.sagas().back() == it.saga(29));
  it.start(it.saga(30), it.now);
}

TEST_CASE("retention: the tables of old segments are dropped, and no event is deleted") {
  OldLog it;
  it.fill();
  it.world.sql(
      "create function forbid() returns trigger language plpgsql as 'begin raise exception ''an event is "
      "deleted''; end'; create trigger forbid before delete or update on skald.event for each row execute "
      "function forbid()");
  it.let_leave();
  CHECK(it.world.value("select string_agg(relname, ' ' order by relname) from pg_class "
                       "where relkind = 'r' and relname ~ '^event_'") == "event_000002 event_kept_000001");
}

TEST_CASE("retention: a look changes nothing and locks nothing") {
  OldLog it;
  it.fill();
  const auto before = it.fingerprint();
  auto look = it.begin(Intent::Look);
  CHECK(look.leaving().below == 17);
  CHECK(look.leaving().sagas == 4);
  CHECK(look.leaving().staying == 1);
  CHECK(!look.leaving().obstacle);
  it.must({it.saga(1), 4, {event("CompensationStarted", it.now)}, {}, SagaStatus{"compensating", {}, {}}});
  CHECK(it.fingerprint() != before);
}

TEST_CASE("retention: what leaves can be read first, in the order of its positions") {
  OldLog it;
  it.fill();
  auto retention = it.begin();
  CHECK(retention.heads().value() == std::vector<std::int64_t>{16, 0, 0, 0, 0, 0, 0, 0});
  std::vector<std::int64_t> positions;
  const auto read = retention.events({0}, [&](StoredEvent event) -> Result<void> {
    CHECK(event.payload == R"({"step":"apply"})");
    positions.push_back(event.position.number);
    return {};
  });
  CHECK(read.has_value());
  CHECK(positions == std::vector<std::int64_t>{1, 2, 3, 7, 8, 9, 11, 12, 13, 14, 15, 16});
}

TEST_CASE("retention: a reader that stops leaves everything as it was") {
  OldLog it;
  it.fill();
  const auto before = it.fingerprint();
  {
    auto retention = it.begin();
    const auto read =
        retention.events({0}, [](const StoredEvent&) -> Result<void> { return unexpected("disk full"); });
    REQUIRE(!read.has_value());
    CHECK(read.error().message == "disk full");
  }
  CHECK(it.fingerprint() == before);
  it.let_leave();
}

TEST_CASE("retention: a process that dies at any moment before the exchange leaves everything as it was") {
  OldLog it;
  it.fill();
  const auto before = it.fingerprint();
  SUBCASE("before the copy") {
    it.begin();
  }
  SUBCASE("between the copy and the exchange") {
    auto reader = it.world.connect();
    reader.run("begin; select from skald.event limit 1").value();
    auto retention = it.begin();
    const auto left = commit(retention, [&] {
      it.world.sql(
          "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
          "where datname = current_database() and query like '%before_exchange%' and state like 'idle in%'");
      return true;
    });
    CHECK(!left.has_value());
  }
  CHECK(it.fingerprint() == before);
  it.let_leave();
}

TEST_CASE("retention: a long reader holds up the exchange, and the exchange holds up nobody for long") {
  OldLog it;
  it.fill();
  auto reader = it.world.connect();
  reader.run("begin; select from skald.event limit 1").value();
  auto retention = it.begin();
  int tries = 0;
  const auto left = commit(retention, [&] {
    it.must(next_of(it.saga(2), 4 + ++tries, it.now));  // nobody waits for the lock meanwhile
    if (tries == 3) reader.run("commit").value();
    return true;
  });
  REQUIRE(left.has_value());
  CHECK(tries == 3);
  CHECK(it.world.read_saga(*it.log, it.saga(2)).size() == 7);
}

TEST_CASE("retention: appends go on during an exchange, and none of them fails") {
  OldLog it;
  it.fill();
  for (int number = 100; number < 400; ++number) it.start(it.saga(number), it.now);
  auto leaving = std::async(std::launch::async, [conninfo = it.world.conninfo()] {
    auto retention = Retention::begin(conninfo, kAge, Intent::Act).value();
    return commit(retention, [] { return true; });
  });
  Duration longest{0};
  int appended = 0;
  for (int number = 100; number < 400; ++number) {
    const auto begun = std::chrono::steady_clock::now();
    it.must(end_of(it.saga(number), 3, it.now));
    longest =
        std::max(longest, std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begun));
    ++appended;
  }
  const auto left = leaving.get();
  REQUIRE_MESSAGE(left.has_value(), (left ? "" : left.error().message));
  MESSAGE(appended << " appends, the longest " << longest.count() / 1000 << " ms; the log was locked for "
                   << left->held_ms << " ms");
  CHECK(it.world.value("select count(*) from skald.event where position > 24") == "900");
}

TEST_CASE("retention: a partition that lags behind keeps its place and grows in what was kept") {
  OldLog it;
  it.fill();
  const auto lagging = [](int number) { return saga_in({1}, number); };
  it.start_and_end(lagging(50), it.old());
  it.start_and_end(lagging(51), it.old());
  auto retention = it.begin();
  CHECK(retention.leaving().sagas == 5);  // its last saga stays
  it.start(lagging(52), it.old());        // after its head was read
  REQUIRE(commit(retention).has_value());
  it.must(end_of(lagging(52), 3, it.now));
  std::vector<std::int64_t> positions;
  for (const auto& event : it.world.read_partition(*it.log, {1})) positions.push_back(event.position.number);
  CHECK(positions == std::vector<std::int64_t>{4, 5, 6, 7, 8, 9});
  it.log = it.world.opened({"one"});
  CHECK(as<Committed>(it.world.append(*it.log, start_of(lagging(53), {}, it.now))).last == Position{{1}, 11});
}

TEST_CASE("retention: a saga whose undo begins before its row is taken stays") {
  OldLog it;
  it.fill();
  it.must({it.saga(1), 4, {event("CompensationStarted", it.now)}, {}, SagaStatus{"compensating", {}, {}}});
  it.let_leave();
  CHECK(it.world.read_saga(*it.log, it.saga(1)).size() == 4);
}

TEST_CASE(
    "retention: an undo that is asked for too late is refused whole, and the others of its batch are "
    "written") {
  OldLog it;
  it.fill();
  const Append undo{
      it.saga(1), 4, {event("CompensationStarted", it.now)}, {}, SagaStatus{"compensating", {}, {}}};
  auto retention = it.begin();
  const auto meanwhile = it.world.append_all(*it.log, {undo, next_of(it.saga(2), 5, it.now)});
  CHECK(is<LogUnavailable>(meanwhile[0]));
  CHECK(is<Committed>(meanwhile[1]));
  REQUIRE(commit(retention).has_value());
  const auto afterwards =
      it.world.append_all(*it.log, {undo, start_of(it.saga(60), "new", it.now),
                                    end_of(it.saga(60), 3, it.now), end_of(it.saga(2), 6, it.now)});
  CHECK(is<NotOwner>(afterwards[0]));
  for (const std::size_t other : {1u, 2u, 3u}) CHECK(is<Committed>(afterwards[other]));
  CHECK(it.world.value("select count(*) from skald.event where saga_id = $1", {to_text(it.saga(1))}) == "0");
}

TEST_CASE("retention: a start key that has left starts a new saga") {
  OldLog it;
  it.fill();
  it.let_leave();
  CHECK(is<Committed>(it.world.append(*it.log, start_of(it.saga(70), "first", it.now))));
  CHECK(is<StartKeyTaken>(it.world.append(*it.log, start_of(it.saga(71), "second", it.now))));
}

TEST_CASE("retention: what a saga has started stays as long as the saga itself") {
  OldLog it;
  const auto parent = it.saga(1), child = it.saga(2), grandchild = it.saga(3), receiver = it.saga(4);
  it.start(parent, it.old());
  it.start_and_end(child, it.old(), "saga:" + to_text(parent) + ":enroll");
  it.start_and_end(grandchild, it.old(), "saga:" + to_text(child) + ":pay");
  it.start_and_end(receiver, it.old(), "event:recruitment:" + to_text(parent) + ":tell");
  for (int number = 10; number < 20; ++number)
    it.start_and_end(it.saga(number), it.old(), "saga:of no saga " + std::to_string(number));
  it.start(it.saga(90), it.now);
  it.let_leave();
  CHECK(it.sagas() == sorted({parent, child, grandchild, receiver, it.saga(19), it.saga(90)}));
}

TEST_CASE("retention: a parent and its child that have both ended leave together") {
  OldLog it;
  it.start_and_end(it.saga(1), it.old());
  it.start_and_end(it.saga(2), it.old(), "saga:" + to_text(it.saga(1)) + ":enroll");
  it.start_and_end(it.saga(3), it.old());
  it.start(it.saga(90), it.now);
  it.let_leave();
  CHECK(it.sagas() == sorted({it.saga(3), it.saga(90)}));
}

TEST_CASE("retention: without an old segment, or an old saga, it says so") {
  OldLog it;
  CHECK(it.obstacle() == "no segment holds old events only");
  it.start(it.saga(1), it.old());
  for (int version = 3; version < 9; ++version) it.must(next_of(it.saga(1), version, it.old()));
  CHECK(it.obstacle() == "no segment holds old events only");  // nobody has gone beyond it
  it.must(next_of(it.saga(1), 9, it.now));
  CHECK(it.obstacle() == "no saga of the old segments ended so long ago");
}

TEST_CASE("retention: it does not copy more sagas than it lets go") {
  OldLog it;
  for (int number = 1; number <= 3; ++number) it.start(it.saga(number), it.old());
  it.must(end_of(it.saga(1), 3, it.old()));
  it.start(it.saga(4), it.old());
  it.start(it.saga(5), it.now);
  CHECK(it.obstacle() == "more sagas of the old segments would stay than leave");
  auto retention = it.begin();
  const auto left = commit(retention);
  REQUIRE(!left.has_value());
  CHECK(left.error().kind == ErrorKind::Conflict);
}

TEST_CASE("retention: a view that has not folded what would leave holds it, and is named") {
  OldLog it;
  it.fill();
  it.world.sql("select skald.make_generation('page', 'hash', 'source', 'name text', false)");
  CHECK(it.obstacle() == "the view page stands at 0-0, before position 16");
  it.world.sql("update skald.view_checkpoint set position = 15 where partition = 0");
  it.world.sql("select skald.stop_view(1, 0::smallint, 16::bigint, 'poison')");
  CHECK(it.obstacle() == "the view page is stopped at 0-15, before position 16");
  it.world.sql("update skald.view_checkpoint set position = 16 where partition = 0");
  CHECK(it.obstacle().empty());
  it.world.sql(
      "update skald.view_checkpoint set position = 0; update skald.view_generation set retired_at = now()");
  it.let_leave();
}

TEST_CASE(
    "retention: a rebuild that begins while sagas leave keeps them, for it may have read half of them") {
  OldLog it;
  it.fill();
  const auto before = it.fingerprint();
  {
    auto retention = it.begin();
    it.world.sql("select skald.make_generation('page', 'hash', 'source', 'name text', false)");
    const auto left = commit(retention);
    REQUIRE(!left.has_value());
    CHECK(left.error().kind == ErrorKind::Conflict);
    CHECK(left.error().message.find("the view page stands at 0-0") != std::string::npos);
  }
  CHECK(it.fingerprint() == before);
}

TEST_CASE("retention: a view that keeps its rows is not rebuilt once sagas it tells of have left") {
  OldLog it;
  it.fill();
  const auto put = [&](const std::string& hash, bool again, bool keeps_rows) {
    auto session = it.world.connect();
    return session
        .run(
            "select g.made from skald.may_rebuild('page', $1, $2::boolean, $3::boolean) allowed, "
            "lateral skald.make_generation('page', $1, 'source', 'name text', $2::boolean and allowed) g",
            {hash, again ? "true" : "false", keeps_rows ? "true" : "false"})
        .has_value();
  };
  const auto fill_and_switch = [&] {
    it.world.sql(
        "update skald.view_checkpoint c set position = h.position from (select partition, max(position) as "
        "position "
        "from skald.event group by 1) h where h.partition = c.partition; update skald.view_generation set "
        "indexed = true");
    it.world.sql("select skald.switch_view(max(generation)) from skald.view_generation");
  };
  CHECK(put("one", false, true));
  fill_and_switch();
  CHECK(put("one", true, true));  // nothing has left yet
  fill_and_switch();
  it.let_leave();
  CHECK(put("one", false, true));  // the same: nothing is made
  CHECK(!put("one", true, true));
  CHECK(!put("two", false, true));
  CHECK(put("two", false, false));
  fill_and_switch();
  CHECK(put("three", false, true));  // what was made since has nothing to lose
}

TEST_CASE("retention: one at a time, and not on a frozen database") {
  OldLog it;
  it.fill();
  {
    const auto first = it.begin();
    CHECK(it.obstacle() == "another session lets sagas leave just now");
  }
  it.world.sql("update skald.setting set frozen = 'imported'");
  CHECK(it.obstacle() == "the database is frozen: imported");
  it.world.sql("update skald.setting set frozen = null");
  CHECK(it.obstacle().empty());
}
