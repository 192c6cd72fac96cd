// The plans of what views ask PostgreSQL for all the time: rows by key, by an index and page by page, merging
// and removing them, checkpoints, and the log's pages for whoever is behind or builds a view anew.
#include "eventstore/pg/statements.hpp"
#include "eventstore/pg/view_statements.hpp"
#include "tests/contract/view_stand.hpp"
#include "tests/store/plan_of.hpp"

using namespace skald;
using namespace skald::store;
using namespace skald::store::testing;

namespace {

const ViewTable kPage{"page",
                      {{"id", ColumnType::Uuid, Merge::Key},
                       {"line", ColumnType::Integer, Merge::Key},
                       {"status", ColumnType::Text, Merge::Replace},
                       {"owner", ColumnType::Text, Merge::Replace}},
                      {{"status"}, {"owner", "status"}}};

std::shared_ptr<const ViewTable> page_table() {
  return std::make_shared<const ViewTable>(kPage);
}

bool has(const std::string& plan, const std::string& words) {
  return plan.find(words) != std::string::npos;
}

struct Planned {
  PgViewWorld world;
  ViewStand stand{world};
  Generation generation = stand.active(kPage, "a");
  ViewStatements statements;
  const std::string relation = "\"page#" + std::to_string(generation) + "\"";
  const std::string key = "\"page#" + std::to_string(generation) + "_pkey\"";

  void fill() {
    world.pg.sql(
        "insert into skald_views." + relation +
        " select gen_random_uuid(), n % 3, case when n % 50 = 0 then 'stuck' else 'done' end, 'owner ' || n "
        "% 500 from generate_series(1, 10000) n");
    world.pg.sql(R"sql(
      insert into skald.event (partition, position, saga_id, version, type, time, data, writer)
      select p, n, gen_random_uuid(), 1, 'StepSucceeded', now(), '{}', 1
      from generate_series(0, 7) p, generate_series(1, 3000) n on conflict do nothing)sql");
    world.pg.sql("analyze skald_views." + relation + ", skald.event_000000, skald.view_checkpoint");
  }
  std::string plan(const Statement& statement, std::string values = "") {
    return plan_of(world.pg, statement, std::move(values));
  }
  std::string plan_in_batch(const Statement& statement) {
    return plan_of(world.pg, statement, "", statements::kByIndex.sql);
  }
  std::string plan_of_read(std::vector<std::size_t> columns, bool behind) {
    ViewRead read{generation, page_table(), {}, {}, 100, {}};
    for (const auto column : columns) read.equal.emplace_back(column, "x");
    if (behind) read.after = {"x", "1"};
    return plan(statements.read(read));
  }
};

// `index`: a word of its name, as PostgreSQL makes it of the columns.
void check_read(const std::string& plan, const std::string& index) {
  INFO(plan);
  CHECK(has(plan, index));
  CHECK(!has(plan, "Seq Scan on \"page"));
  CHECK(!has(plan, "Sort"));
}

}  // namespace

TEST_CASE("plan of views: rows are found by key, by an index and behind a cursor, in order, without a sort") {
  Planned views;
  SUBCASE("in a table that is there for long") {
    views.fill();
  }
  SUBCASE("in one that was empty when the statement was prepared") {}
  check_read(views.plan_of_read({0, 1}, false), "Index Scan using " + views.key);
  check_read(views.plan_of_read({}, false), "Index Scan using " + views.key);
  check_read(views.plan_of_read({}, true), "Index Cond: (ROW(id, line) > ROW(");
  check_read(views.plan_of_read({0}, true), "Index Scan using " + views.key);
}

TEST_CASE("plan of views: a page of those with one value comes from the index of that column") {
  Planned views;
  views.fill();
  check_read(views.plan_of_read({3, 2}, false), "_owner_status_id_line_idx\"");
  check_read(views.plan_of_read({3, 2}, true), "_owner_status_id_line_idx\"");
  check_read(views.plan_of_read({2}, false), "_status_id_line_idx\"");
  check_read(views.plan_of_read({2}, true), "_status_id_line_idx\"");
}

TEST_CASE("plan of views: merging finds rows by the key, and so does removing") {
  Planned views;
  SUBCASE("in a table that is there for long") {
    views.fill();
  }
  SUBCASE("in one that is being filled") {}
  const auto merged = views.plan_in_batch(views.statements.merge(kPage, views.generation));
  INFO(merged);
  CHECK(has(merged, "Conflict Arbiter Indexes: page#" + std::to_string(views.generation) + "_pkey"));
  CHECK(!has(merged, "Seq Scan"));
  const auto removed = views.plan_in_batch(views.statements.remove(kPage, views.generation));
  INFO(removed);
  CHECK(has(removed, "Index Scan using " + views.key));
  CHECK(has(removed, "Tid Scan on \"page#"));
  CHECK(!has(removed, "Seq Scan"));
}

TEST_CASE("plan of views: checkpoints, the log's ends and its pages are looked up, however long the log is") {
  Planned views;
  SUBCASE("with statistics") {
    views.fill();
  }
  SUBCASE("without") {}
  for (const auto* statement :
       {&statements::kProgress, &statements::kHeads, &statements::kReadPartition, &statements::kReadSaga}) {
    const auto plan = views.plan(*statement);
    INFO(statement->name << "\n" << plan);
    CHECK(!has(plan, "Seq Scan on event"));
  }
  const auto advance = views.plan_in_batch(statements::kAdvance);
  INFO(advance);
  CHECK(!has(advance, "Seq Scan"));
  CHECK(has(advance, "Index Scan using view_checkpoint_pkey"));
  CHECK(has(advance, "Tid Scan on view_checkpoint"));
  const auto pages = views.plan(statements::kReadPartition, "1, 2500, 100");
  INFO(pages);
  CHECK(has(pages, "Index Scan"));
  CHECK(!has(pages, "Sort"));
}
