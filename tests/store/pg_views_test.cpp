// What PostgreSQL alone does with views: refusals, locks, roles, and what people see with psql.
#include <map>

#include "tests/contract/view_stand.hpp"

using namespace skald;
using namespace skald::store;
using namespace skald::store::testing;

namespace {

const ViewTable kPage{
    "my-page", {{"id", ColumnType::Text, Merge::Key}, {"n", ColumnType::Integer, Merge::Latest}}, {{"n"}}};

std::shared_ptr<const ViewTable> page_table() {
  return std::make_shared<const ViewTable>(kPage);
}

RowChange set(std::string key, Cell value, int at = 1) {
  return {RowChange::Kind::Merge, {std::move(key)}, {{{std::move(value), {kNoon, {{1}, at}}}}}};
}

ViewBatch batch_of(ViewStand& stand, Generation generation, std::int64_t from, std::vector<RowChange> rows) {
  return {{stand.advance({1}, from, from + 1)}, {{generation, page_table(), std::move(rows)}}};
}

}  // namespace

TEST_CASE(
    "views on PostgreSQL: a value that is none of its column is refused, and nothing of its batch is "
    "written") {
  PgViewWorld world;
  ViewStand stand(world);
  const auto generation = stand.active(kPage, "a");
  stand.append({1});
  for (const char* bad : {"twelve", "99999999999"})
    CHECK(std::holds_alternative<ViewDataRefused>(
        stand.apply(batch_of(stand, generation, 0, {set("good", "1"), set("twelve", bad)}))));
  CHECK(
      std::holds_alternative<ViewsApplied>(stand.apply(batch_of(stand, generation, 0, {set("good", "12")}))));
  CHECK(stand.read({generation, page_table(), {}, {}, 10, {}}).rows.size() == 1);
}

TEST_CASE("views on PostgreSQL: a filter that is none of its column is the reader's fault") {
  PgViewWorld world;
  ViewStand stand(world);
  const auto generation = stand.active(kPage, "a");
  auto page = world.await<Result<ViewPage>>([&](auto done) {
    stand.views->read({generation, page_table(), {{1, "twelve"}}, {}, 10, {}}, done);
  });
  REQUIRE(!page);
  CHECK(page.error().kind == ErrorKind::Invalid);
}

TEST_CASE(
    "views on PostgreSQL: one who folds into or reads a generation that is dropped is told that it is gone") {
  PgViewWorld world;
  ViewStand stand(world);
  const auto old = stand.active(kPage, "a");
  stand.append({1});
  const auto batch = batch_of(stand, old, 0, {set("k", "1")});
  const auto next = stand.put(kPage, "b").generation;
  CHECK(stand.index(next, kPage));
  CHECK(stand.switch_to(next));
  CHECK(stand.yes([&](auto done) { stand.views->show(kPage, done); }));
  const auto dropped =
      stand.ask<std::int32_t>([&](auto done) { stand.views->drop_retired(Duration{0}, done); });
  CHECK(dropped == 1);
  CHECK(std::holds_alternative<ViewsElsewhere>(stand.apply(batch)));
  auto page = world.await<Result<ViewPage>>([&](auto done) {
    stand.views->read({old, page_table(), {}, {}, 10, {}}, done);
  });
  REQUIRE(!page);
  CHECK(page.error().kind == ErrorKind::NotFound);
}

TEST_CASE(
    "views on PostgreSQL: the SQL view of a name follows its active generation, and holds up no drop for "
    "long") {
  PgViewWorld world;
  ViewStand stand(world);
  const auto show = [&] { return stand.yes([&](auto done) { stand.views->show(kPage, done); }); };
  const auto old = stand.active(kPage, "a");
  stand.append({1});
  CHECK(show());
  CHECK(!show());
  REQUIRE(std::holds_alternative<ViewsApplied>(stand.apply(batch_of(stand, old, 0, {set("k", "7")}))));
  CHECK(world.pg.value("select n from skald_views.\"my-page\" where id = 'k'") == "7");

  auto table = kPage;
  table.columns.push_back({"more", ColumnType::Text, Merge::Latest});
  const auto next = stand.put(table, "b").generation;
  CHECK(stand.index(next, table));
  RowChange change = set("k", "8");
  change.columns.push_back({{{"new", {kNoon, {{1}, 1}}}}});
  REQUIRE(std::holds_alternative<ViewsApplied>(stand.apply(
      {{stand.advance({1}, 0, 2)}, {{next, std::make_shared<const ViewTable>(table), {change}}}})));
  CHECK(stand.switch_to(next));
  CHECK(stand.yes([&](auto done) { stand.views->show(table, done); }));
  CHECK(world.pg.value("select more from skald_views.\"my-page\"") == "new");

  auto reader = world.pg.connect();
  reader.run("begin; select from skald_views.\"my-page#" + std::to_string(old) + "\"").value();
  const auto drop = [&] {
    return stand.ask<std::int32_t>([&](auto done) { stand.views->drop_retired(Duration{0}, done); });
  };
  CHECK(drop() == 0);
  reader.run("commit").value();
  CHECK(drop() == 1);
}

TEST_CASE("views on PostgreSQL: two that fold into the same rows at once do not lose each other's sums") {
  PgViewWorld world;
  ViewStand stand(world);
  const ViewTable counts{
      "counts", {{"k", ColumnType::Text, Merge::Key}, {"n", ColumnType::Integer, Merge::Sum}}, {}};
  const auto generation = stand.active(counts, "a");
  const auto other = world.views();
  for (int i = 0; i < 10; ++i) {
    stand.append({1});
    stand.append({2});
  }
  const auto table = std::make_shared<const ViewTable>(counts);
  std::vector<RowChange> rows;
  for (int i = 0; i < 50; ++i)
    rows.push_back({RowChange::Kind::Merge, {std::to_string(10 + i)}, {{{"1", {}}}}});
  std::map<Partition, std::vector<ViewBatch>> batches;
  for (const Partition partition : {Partition{1}, Partition{2}})
    for (std::int64_t from = 0; from < 20; ++from)
      batches[partition].push_back({{stand.advance(partition, from, from + 1)}, {{generation, table, rows}}});
  int applied = 0;
  const std::function<void(ViewStore&, Partition, std::size_t)> go =
      [&](ViewStore& store, Partition partition, std::size_t next) {
        if (next == 20) return;
        store.apply(batches[partition][next], [&, partition, next](ViewApplied result) {
          CHECK(std::holds_alternative<ViewsApplied>(result));
          ++applied;
          go(store, partition, next + 1);
        });
      };
  go(*stand.views, {1}, 0);
  go(*other, {2}, 0);
  world.run_until([&] { return applied == 40; });
  CHECK(world.pg.value("select min(n) || ' ' || max(n) || ' ' || count(*) from skald_views.\"counts#" +
                       std::to_string(generation) + "\"") == "40 40 50");
}

// eventstore/README.md has these rights as a list.
TEST_CASE("views on PostgreSQL: a role that may not change events runs views") {
  PgViewWorld world;
  world.pg.sql(R"sql(
    drop role if exists runtime;
    create role runtime login;
    grant usage on schema skald to runtime;
    grant select, insert on all tables in schema skald to runtime;
    grant update on skald.view, skald.view_revision, skald.view_generation, skald.view_checkpoint to runtime;
    grant delete on skald.view_checkpoint to runtime;
    grant usage, create on schema skald_views to runtime)sql");
  {
    ViewStand stand(world);
    stand.append({1});
    stand.views = world.views_of("runtime");
    const auto generation = stand.put(kPage, "a").generation;
    CHECK(std::holds_alternative<ViewsApplied>(stand.apply(batch_of(stand, generation, 0, {set("k", "1")}))));
    CHECK(std::holds_alternative<ViewsApplied>(
        stand.apply(batch_of(stand, generation, 1, {set("k", "2", 2)}))));
    CHECK(stand.index(generation, kPage));
    CHECK(stand.switch_to(generation));
    CHECK(stand.yes([&](auto done) { stand.views->show(kPage, done); }));
    auto session = BlockingConnection::open(world.pg.conninfo() + " user=runtime").value();
    for (const char* forbidden :
         {"update skald.event set type = 'x'", "delete from skald.event", "truncate skald.event"}) {
      const auto refused = session.run(forbidden);
      REQUIRE(!refused);
      CHECK(refused.error().message.starts_with("[42501]"));
    }
  }
  world.pg.sql("drop owned by runtime cascade");
}
