// The contract of store::ViewStore, held by the views in memory and those on PostgreSQL alike.
#include "engine/base/json.hpp"
#include "engine/base/random.hpp"
#include "tests/contract/view_stand.hpp"

using namespace skald;
using namespace skald::store;
using namespace skald::store::testing;

#define CONTRACT(sentence) TEST_CASE_TEMPLATE(sentence, World, MemoryViewWorld, PgViewWorld)

namespace {

// Names that SQL would trip over where they are not quoted.
const ViewTable kPage{"recruitment-my-page",
                      {{"id", ColumnType::Text, Merge::Key},
                       {"select", ColumnType::Text, Merge::Replace},
                       {"die \"Note\"", ColumnType::Integer, Merge::Replace},
                       {"at", ColumnType::Timestamptz, Merge::Replace}},
                      {{"select"}}};

// Every way to merge, as a view that is not ordered has them.
const ViewTable kCounts{"counts",
                        {{"day", ColumnType::Text, Merge::Key},
                         {"definition", ColumnType::Text, Merge::Key},
                         {"last", ColumnType::Text, Merge::Latest},
                         {"document", ColumnType::Jsonb, Merge::Latest},
                         {"sum", ColumnType::Integer, Merge::Sum},
                         {"exact", ColumnType::Numeric, Merge::Sum},
                         {"most", ColumnType::Bigint, Merge::Max},
                         {"least", ColumnType::Numeric, Merge::Min},
                         {"name", ColumnType::Text, Merge::Max},
                         {"since", ColumnType::Timestamptz, Merge::Min},
                         {"newest", ColumnType::Jsonb, Merge::Newest, 4}},
                        {}};
// Every way to merge where each row belongs to one partition.
const ViewTable kOrdered{"ordered",
                         {{"id", ColumnType::Text, Merge::Key},
                          {"status", ColumnType::Text, Merge::Replace},
                          {"flag", ColumnType::Boolean, Merge::Replace},
                          {"score", ColumnType::Numeric, Merge::Replace},
                          {"a", ColumnType::Text, Merge::Replace},
                          {"b", ColumnType::Text, Merge::Replace},
                          {"c", ColumnType::Text, Merge::Replace},
                          {"d", ColumnType::Text, Merge::Replace},
                          {"e", ColumnType::Text, Merge::Replace},
                          {"f", ColumnType::Text, Merge::Replace},
                          {"visits", ColumnType::Integer, Merge::Sum},
                          {"list", ColumnType::Jsonb, Merge::Newest, 3}},
                         {{"status"}}};

std::shared_ptr<const ViewTable> shared(const ViewTable& table) {
  return std::make_shared<const ViewTable>(table);
}

EventPlace place(int number) {
  return {kNoon + std::chrono::seconds(number), {{1}, number}};
}
ColumnChange one(Cell value, int at = 1) {
  return {{std::move(value), place(at)}};
}
RowChange row(std::string key, std::vector<ColumnChange> columns) {
  return {RowChange::Kind::Merge, {std::move(key)}, std::move(columns)};
}

// jsonb has an order of members of its own.
std::vector<ViewRows::Row> normal(const ViewTable& table, std::vector<ViewRows::Row> rows) {
  for (auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      if (table.columns[i].type == ColumnType::Jsonb && row[i]) row[i] = parse_json(*row[i])->canonical();
  return rows;
}

std::string random_json(Random& random) {
  return R"({"n":)" + std::to_string(random.next() % 100) + R"(,"text":"\"ä\\ ')" +
         std::to_string(random.next() % 10) + R"("})";
}

Cell random_value(const ViewColumn& column, Random& random) {
  const auto number = static_cast<int>(random.next() % 2'000) - 1'000;
  if ((column.merge == Merge::Replace || column.merge == Merge::Latest) && random.next() % 8 == 0)
    return std::nullopt;
  switch (column.type) {
    case ColumnType::Text: return "Text " + std::to_string(number) + " 'ß\"\\{,}";
    case ColumnType::Integer:
    case ColumnType::Bigint: return std::to_string(number);
    case ColumnType::Numeric: return std::to_string(number) + "." + std::to_string(10 + random.next() % 90);
    case ColumnType::Boolean: return number > 0 ? "true" : "false";
    case ColumnType::Timestamptz: return to_rfc3339(kNoon + std::chrono::milliseconds(number));
    case ColumnType::Uuid: return to_text(saga_in({1}, number + 1'001));
    case ColumnType::Jsonb: return random_json(random);
  }
  return std::nullopt;
}

RowChange random_change(const ViewTable& table, Random& random, int& event) {
  RowChange change;
  const bool ordered = table.view == kOrdered.view;
  if (ordered && random.next() % 6 == 0) change.kind = RowChange::Kind::Remove;
  for (std::size_t i = 0; i < table.key_columns(); ++i)
    change.key.push_back("key " + std::to_string(random.next() % 5));
  if (change.kind == RowChange::Kind::Remove) return change;
  for (std::size_t i = table.key_columns(); i < table.columns.size(); ++i) {
    ColumnChange& what = change.columns.emplace_back();
    if (random.next() % 2 == 0) continue;
    // Not in the order of places: that is what Latest and Newest are for.
    const int at = ordered ? event : static_cast<int>(random.next() % 1'000'000);
    what.push_back({random_value(table.columns[i], random), place(at)});
  }
  ++event;
  return change;
}

}  // namespace

CONTRACT("views: a definition makes a generation, the same one again does not") {
  World world;
  ViewStand stand(world);
  const auto first = stand.put(kPage, "a");
  CHECK(first.made);
  CHECK(!stand.put(kPage, "a").made);
  CHECK(stand.put(kPage, "a").generation == first.generation);
  SUBCASE("what is built for another definition gives way") {
    const auto second = stand.put(kPage, "b");
    CHECK(second.made);
    const auto registry = stand.registry();
    REQUIRE(registry.generations.size() == 1);
    CHECK(registry.generations[0].number == second.generation);
    CHECK(registry.generations[0].source == "source of b");
    CHECK(!registry.generations[0].active);
  }
  SUBCASE("an active one stays while another is built, and is gone back to") {
    CHECK(stand.index(first.generation, kPage));
    CHECK(stand.switch_to(first.generation));
    stand.put(kPage, "b");
    CHECK(stand.registry().generations.size() == 2);
    const auto back = stand.put(kPage, "a");
    CHECK(back.generation == first.generation);
    CHECK(!back.made);
    CHECK(stand.registry().generations.size() == 1);
  }
  SUBCASE("a rebuild makes one of the same definition, once") {
    CHECK(stand.index(first.generation, kPage));
    CHECK(stand.switch_to(first.generation));
    const auto again = stand.put(kPage, "a", true);
    CHECK(again.made);
    CHECK(!stand.put(kPage, "a", true).made);
  }
}

CONTRACT("views: the registry is told once per change") {
  World world;
  ViewStand stand(world);
  const auto none = stand.registry();
  CHECK(none.generations.empty());
  stand.put(kPage, "a");
  const auto one = stand.registry();
  CHECK(one.revision != none.revision);
  const auto nothing = stand.template ask<std::optional<ViewRegistry>>(
      [&](auto done) { stand.views->list_views(one.revision, done); });
  CHECK(!nothing.has_value());
}

CONTRACT("views: a batch counts once: the second one finds the checkpoint elsewhere and writes nothing") {
  World world;
  ViewStand stand(world);
  stand.append({1});
  stand.append({2});
  const auto counts = stand.put(kCounts, "a").generation;
  const ViewTable& table = kCounts;
  RowChange change{RowChange::Kind::Merge, {"monday", "recruitment"}, std::vector<ColumnChange>(9)};
  change.columns[2] = one("1");
  const ViewBatch batch{{stand.advance({1}, 0, 2), stand.advance({2}, 0, 1)},
                        {{counts, shared(table), {change}}}};
  CHECK(std::holds_alternative<ViewsApplied>(stand.apply(batch)));
  CHECK(std::holds_alternative<ViewsElsewhere>(stand.apply(batch)));
  SUBCASE("nor does one that is right in one partition and wrong in another") {
    CHECK(std::holds_alternative<ViewsElsewhere>(stand.apply(
        {{stand.advance({1}, 2, 2), stand.advance({2}, 0, 2)}, {{counts, shared(table), {change}}}})));
  }
  SUBCASE("nor one that goes beyond the log, or has folded other events than it holds") {
    auto beyond = stand.advance({2}, 1, 2);
    beyond.last = ++beyond.to;
    CHECK(
        std::holds_alternative<ViewsElsewhere>(stand.apply({{beyond}, {{counts, shared(table), {change}}}})));
    auto another = stand.advance({2}, 1, 2);
    another.time = another.time + Duration{1};
    CHECK(std::holds_alternative<ViewsElsewhere>(
        stand.apply({{another}, {{counts, shared(table), {change}}}})));
  }
  CHECK(std::holds_alternative<ViewsApplied>(
      stand.apply({{stand.advance({2}, 1, 2)}, {{counts, shared(table), {change}}}})));
  CHECK(stand.index(counts, kCounts));
  CHECK(stand.switch_to(counts));
  const auto page = stand.read({counts, shared(kCounts), {}, {}, 10, Partition{2}});
  REQUIRE(page.rows.size() == 1);
  CHECK(page.rows[0][4] == "2");
  CHECK(page.position == 2);
}

CONTRACT(
    "views: where sagas have left the log, an advance is proved by the last event that is there, if any") {
  World world;
  ViewStand stand(world);
  for (int times = 0; times < 3; ++times) stand.append({1});
  const auto page = stand.put(kPage, "a").generation;
  const auto made = [&](ViewAdvance advance) {
    return std::holds_alternative<ViewsApplied>(stand.apply({{advance}, {{page, shared(kPage), {}}}}));
  };
  auto advance = stand.advance({1}, 0, 2);
  advance.to = 4;  // as if 3 and 4 had left
  auto another = advance;
  another.time = another.time + Duration{1};
  CHECK(!made(another));
  CHECK(made(advance));
  CHECK(!made(advance));
  CHECK(made({{1}, 4, 5, {}, {}, 0}));  // and 5
  CHECK(made(stand.advance({1}, 5, 6)));
}

CONTRACT("views: several views advance together or not at all") {
  World world;
  ViewStand stand(world);
  stand.append({1});
  const auto page = stand.put(kPage, "a").generation, ordered = stand.put(kOrdered, "a").generation;
  const ViewBatch both{{stand.advance({1}, 0, 2)},
                       {{page, shared(kPage), {row("one", {one("x"), one("7"), one(std::nullopt)})}},
                        {ordered, shared(kOrdered), {}}}};
  CHECK(std::holds_alternative<ViewsApplied>(
      stand.apply({{stand.advance({1}, 0, 1)}, {{ordered, shared(kOrdered), {}}}})));
  CHECK(std::holds_alternative<ViewsElsewhere>(stand.apply(both)));
  const auto all =
      stand.template ask<std::vector<Checkpoint>>([&](auto done) { stand.views->checkpoints({{1}}, done); });
  REQUIRE(all.size() == 2);
  for (const auto& checkpoint : all) {
    CHECK(checkpoint.position == (checkpoint.generation == ordered ? 1 : 0));
    CHECK(checkpoint.target == 2);
  }
}

CONTRACT("views: whatever changes come, in batches of any size, the rows are those of the reference") {
  const auto seed = Random::from_system().next() % 1'000'000;
  INFO("seed " << seed);
  Random random(seed);
  World world;
  ViewStand stand(world);
  std::map<const ViewTable*, Generation> generations;
  for (const ViewTable* table : {&kCounts, &kOrdered}) generations[table] = stand.active(*table, "a");
  for (int i = 0; i < 30; ++i) stand.append({3});
  for (const auto& [table, generation] : generations) {
    ViewRows reference(*table);
    int event = 1;
    for (std::int64_t position = 0; position < 60; ++position) {
      std::vector<RowChange> changes;
      for (auto count = random.next() % 6; count > 0; --count)
        changes.push_back(random_change(*table, random, event));
      auto rows = netted(*table, std::move(changes));
      for (const auto& change : rows) reference.merge(change);
      const ViewBatch batch{{stand.advance({3}, position, position + 1)},
                            {{generation, shared(*table), std::move(rows)}}};
      REQUIRE(std::holds_alternative<ViewsApplied>(stand.apply(batch)));
    }
    const auto page = stand.read({generation, shared(*table), {}, {}, 1'000, {}});
    CHECK(normal(*table, page.rows) == normal(*table, reference.rows()));
    CHECK(reference.size() > 0);
  }
}

CONTRACT("views: rows are read by key, by columns, in pages") {
  World world;
  ViewStand stand(world);
  const auto generation = stand.active(kPage, "a");
  stand.append({1});
  std::vector<RowChange> rows;
  for (int i = 0; i < 9; ++i)
    rows.push_back(row("key " + std::to_string(i),
                       {one(i % 2 ? "odd" : "even"), one(std::to_string(i)), one("2026-11-21T07:00:00.5Z")}));
  REQUIRE(std::holds_alternative<ViewsApplied>(
      stand.apply({{stand.advance({1}, 0, 2)}, {{generation, shared(kPage), rows}}})));
  const auto read = [&](std::vector<std::pair<std::size_t, std::string>> equal,
                        std::vector<std::string> after, std::size_t limit) {
    return stand.read({generation, shared(kPage), std::move(equal), std::move(after), limit, {}}).rows;
  };
  const auto three = read({{0, "key 3"}}, {}, 10);
  REQUIRE(three.size() == 1);
  CHECK(three[0][1] == "odd");
  CHECK(three[0][2] == "3");
  CHECK(*parse_rfc3339(*three[0][3]) == *parse_rfc3339("2026-11-21T07:00:00.5Z"));
  CHECK(read({{0, "key 33"}}, {}, 10).empty());
  CHECK(read({{1, "odd"}}, {}, 10).size() == 4);
  CHECK(read({{1, "odd"}, {2, "5"}}, {}, 10).size() == 1);
  const auto first = read({{1, "even"}}, {}, 3);
  REQUIRE(first.size() == 3);
  CHECK(first[2][0] == "key 4");
  const auto next = read({{1, "even"}}, {"key 4"}, 3);
  REQUIRE(next.size() == 2);
  CHECK(next[0][0] == "key 6");
}

CONTRACT("views: a generation that is behind the active one does not take its place") {
  World world;
  ViewStand stand(world);
  const auto old = stand.active(kPage, "a");
  stand.append({1});
  stand.append({2});
  const auto next = stand.put(kPage, "b").generation;
  CHECK(stand.index(next, kPage));
  REQUIRE(std::holds_alternative<ViewsApplied>(
      stand.apply({{stand.advance({1}, 0, 1)}, {{old, shared(kPage), {row("k", {one("old"), {}, {}})}}}})));
  CHECK(!stand.switch_to(next));
  REQUIRE(std::holds_alternative<ViewsApplied>(
      stand.apply({{stand.advance({1}, 0, 2)}, {{next, shared(kPage), {row("k", {one("new"), {}, {}})}}}})));
  CHECK(stand.read({old, shared(kPage), {}, {}, 10, {}}).rows.size() == 1);
  CHECK(stand.switch_to(next));
  CHECK(!stand.switch_to(next));
  SUBCASE("a reading of the old one learns which it is now, and gets no row of it") {
    const auto page = stand.read({old, shared(kPage), {}, {}, 10, {}});
    CHECK(page.active == next);
    CHECK(page.rows.empty());
    CHECK(stand.read({next, shared(kPage), {}, {}, 10, {}}).rows[0][1] == "new");
  }
  SUBCASE("what is folded into the old one from here on finds it gone, or is not read any more") {
    CHECK(stand.registry().generations.size() == 1);
    CHECK(!stand.yes([&](auto done) { stand.views->stop_view(old, {{{1}, 2}, "why"}, done); }));
  }
}

CONTRACT("views: a first generation is read when it has come as far as the log went when it was made") {
  World world;
  ViewStand stand(world);
  stand.append({5});
  const auto made = stand.put(kPage, "a").generation;
  CHECK(stand.index(made, kPage));
  CHECK(!stand.index(made, kPage));
  CHECK(!stand.switch_to(made));
  stand.append({5});
  CHECK(std::holds_alternative<ViewsApplied>(
      stand.apply({{stand.advance({5}, 0, 2)}, {{made, shared(kPage), {}}}})));
  const auto progress =
      stand.template ask<ViewProgress>([&](auto done) { stand.views->progress(made, done); });
  CHECK(progress.done == 2);
  CHECK(progress.target == 2);
  CHECK(progress.head == 4);
  CHECK(progress.filled);
  CHECK(progress.oldest_missing.has_value());
  CHECK(stand.switch_to(made));
}

CONTRACT("views: a stopped generation says where and why, and goes on when that event is skipped") {
  World world;
  ViewStand stand(world);
  const auto made = stand.active(kPage, "a");
  stand.append({4});
  const auto stop = [&](Position at) {
    return stand.yes([&](auto done) { stand.views->stop_view(made, {at, "no number"}, done); });
  };
  const auto skip = [&](Position at) {
    return stand.yes([&](auto done) { stand.views->skip_event(made, at, "somebody", "it is wrong", done); });
  };
  CHECK(stop({{4}, 2}));
  CHECK(!stop({{4}, 1}));
  CHECK(stand.registry().generations[0].stop == ViewStop{{{4}, 2}, "no number"});
  CHECK(!skip({{4}, 1}));
  CHECK(skip({{4}, 2}));
  CHECK(!stand.registry().generations[0].stop);
  CHECK(stand.registry().generations[0].skipped == std::vector<Position>{{{4}, 2}});
  SUBCASE("a rebuild of the same definition leaves it out too, one of another does not") {
    stand.put(kPage, "a", true);
    CHECK(stand.registry().generations.back().skipped.size() == 1);
    stand.put(kPage, "b");
    CHECK(stand.registry().generations.back().skipped.empty());
  }
}

CONTRACT(
    "views: the rows of a rebuild are compared at one place, row by row where the definition is the same") {
  World world;
  ViewStand stand(world);
  const auto old = stand.active(kPage, "a");
  stand.append({1});
  const auto compare = [&](Generation generation) {
    return stand.yes([&](auto done) { stand.views->compare(generation, kPage, done); });
  };
  const auto apply = [&](std::vector<Generation> generations, std::int64_t from, std::int64_t to,
                         std::string status) {
    ViewBatch batch{{stand.advance({1}, from, to)}, {}};
    for (const auto generation : generations)
      batch.views.push_back({generation, shared(kPage), {row("k", {one(status), {}, {}})}});
    REQUIRE(std::holds_alternative<ViewsApplied>(stand.apply(batch)));
  };
  apply({old}, 0, 1, "one");
  const auto next = stand.put(kPage, "a", true).generation;
  CHECK(!compare(next));
  SUBCASE("equal") {
    apply({next}, 0, 1, "one");
    apply({old, next}, 1, 2, "two");
    CHECK(compare(next));
    CHECK(stand.registry().generations.back().rows_different == 0);
  }
  SUBCASE("different") {
    apply({next}, 0, 1, "another");
    CHECK(compare(next));
    CHECK(stand.registry().generations.back().rows_different > 0);
  }
  SUBCASE("of another definition: counted") {
    const auto other = stand.put(kPage, "b").generation;
    CHECK(compare(other));
    const auto found = stand.registry().generations.back();
    CHECK(found.rows_before == 1);
    CHECK(found.rows_after == 0);
    CHECK(!found.rows_different);
  }
}
