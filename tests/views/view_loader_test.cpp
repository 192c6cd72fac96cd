// From the text of a view to what it declares.
#include "projections/view_loader.hpp"

#include "tests/views/seen_log.hpp"
#include "tests/views/view_form.hpp"

using namespace skald;
using namespace skald::views;
using namespace skald::views::testing;
using store::ColumnType;
using store::Merge;

namespace {

constexpr std::string_view kWhole = R"yaml(view: page
key: { id: "${ .saga.id }", step: "${ .event.step }" }
columns:
  a: text
  id: uuid
  step: text
  n: integer
  big: bigint
  sum: numeric
  first: timestamptz
  yes: boolean
  latest: jsonb
indexes: [[a, n], [big]]
keep: log
rules:
  - event: [StepSucceeded, StepFailed]
    saga: order
    step: pay
    if: ${ .input.paid }
    set: { a: "${ .steps.pay.output.id }", yes: true }
    add: { n: 1, sum: "${ .event.output.amount }" }
    max: { big: "${ .event.attempts }" }
    min: { first: "${ .event.time }" }
    append: { column: latest, value: { step: "${ .event.step }", at: "${ .event.time }" }, limit: 5 }
  - event: StepCompensated
    key: { id: "${ .saga.id }", step: pay }
    remove: true
)yaml";

bool ordered(const std::string& first_key, const std::string& second_key) {
  const std::string key = "key: { k: \"" + first_key + "\" }";
  return view_of("view: v\n" + key +
                 "\ncolumns: { k: text, a: text }\nrules:\n"
                 "  - { event: SagaStarted, set: { a: x } }\n"
                 "  - { event: SagaEnded, set: { a: y }, key: { k: \"" +
                 second_key + "\" } }\n")
      .ordered;
}

}  // namespace

TEST_CASE("views: everything that is written is kept") {
  const View view = view_of(kWhole);
  CHECK(view.name() == "page");
  CHECK(view.table.columns ==
        std::vector<store::ViewColumn>{{"id", ColumnType::Uuid, Merge::Key, 0},
                                       {"step", ColumnType::Text, Merge::Key, 0},
                                       {"a", ColumnType::Text, Merge::Replace, 0},
                                       {"n", ColumnType::Integer, Merge::Sum, 0},
                                       {"big", ColumnType::Bigint, Merge::Max, 0},
                                       {"sum", ColumnType::Numeric, Merge::Sum, 0},
                                       {"first", ColumnType::Timestamptz, Merge::Min, 0},
                                       {"yes", ColumnType::Boolean, Merge::Replace, 0},
                                       {"latest", ColumnType::Jsonb, Merge::Newest, 5}});
  CHECK(view.table.key_columns() == 2);
  CHECK(view.table.indexes == std::vector<std::vector<std::string>>{{"a", "n"}, {"big"}});
  CHECK(!view.keeps_rows);
  CHECK(view.source == kWhole);
  REQUIRE(view.rules.size() == 2);
  const Rule& rule = view.rules[0];
  CHECK(rule.events == std::vector<std::string>{"StepSucceeded", "StepFailed"});
  CHECK(rule.saga == "order");
  CHECK(rule.step == "pay");
  CHECK(rule.line == 16);
  CHECK(rule.condition.has_value());
  CHECK(rule.key.size() == 2);
  CHECK(rule.folds.size() == 7);
  CHECK_FALSE(rule.remove);
  CHECK(view.rules[1].remove);
  CHECK(view.concerns("StepFailed"));
  CHECK_FALSE(view.concerns("SagaStarted"));
  CHECK(sagas::form_faults("view", kWhole) == "");
}

TEST_CASE("views: a filter by the name of an event is kept") {
  const View view = view_of(with_rule("{ event: EventReceived, name: Paid, set: { a: x } }"));
  CHECK(view.rules[0].name == "Paid");
}

TEST_CASE("views: ordered is what names the partition in all rules by one column of the key") {
  CHECK(ordered("${ .saga.id }", "${ .saga.id }"));
  CHECK(ordered("${ .saga.businessKey }", "${.saga.businessKey}"));
  CHECK(ordered("${ .saga.id }", "${ .saga.businessKey }"));
  CHECK_FALSE(ordered("${ .saga.id }", "${ .event.output.id }"));
  CHECK_FALSE(ordered("${ .saga.name }", "${ .saga.id }"));
  CHECK_FALSE(ordered("${ .saga.id | ascii_upcase }", "${ .saga.id }"));
  CHECK_FALSE(ordered("x${ .saga.id }", "x${ .saga.id }"));
  // Two columns of which each rule fills another one with the id.
  const View crossed = view_of(R"yaml(view: v
key: { x: "${ .saga.id }", y: "${ .saga.name }" }
columns: { x: text, y: text, a: text }
rules:
  - { event: SagaStarted, set: { a: x } }
  - { event: SagaEnded, set: { a: y }, key: { x: "${ .saga.name }", y: "${ .saga.id }" } }
)yaml");
  CHECK_FALSE(crossed.ordered);
  CHECK(crossed.table.columns[2].merge == Merge::Latest);
}

TEST_CASE("views: what a rule needs of the saga is known") {
  CHECK_FALSE(view_of(with_rule("{ event: SagaEnded, set: { a: \"${ .event.status }\" } }")).needs_state);
  for (const char* value : {"${ .input.x }", "${ .steps.x.output }", "${ .error.title }", "${ .saga.name }",
                            "${ .saga }", "${ . | tojson }"})
    CHECK_MESSAGE(
        view_of(with_rule("{ event: SagaEnded, set: { l: '" + std::string(value) + "' } }")).needs_state,
        value);
  CHECK(view_of(with_rule("{ event: SagaEnded, saga: x, set: { a: x } }")).needs_state);
}

TEST_CASE("views: neither comments nor the order of columns make another view, that of the key does") {
  const auto hash = [](const std::string& key, const std::string& columns, const std::string& comment) {
    return view_of(with_top(key, columns) + comment).hash;
  };
  const std::string xy = "{ x: \"${ .saga.id }\", y: b }", yx = "{ y: b, x: \"${ .saga.id }\" }";
  const std::string columns = "{ x: text, y: text, a: text }";
  CHECK(hash(xy, columns, "") == hash(xy, columns, "# a comment\n"));
  CHECK(hash(xy, columns, "") == hash(xy, "{ a: text, y: text, x: text }", ""));
  CHECK(hash(xy, columns, "") != hash(yx, columns, ""));
  CHECK(hash(xy, columns, "") != hash(xy, "{ x: text, y: text, a: jsonb }", ""));
}

TEST_CASE("views: a value in a key or an index has a bound, others have none") {
  const View view = view_of(with_top("{ x: \"${ .saga.id }\", y: b }",
                                     "{ x: text, y: text, a: text, c: text }", "indexes: [[a], [a, y]]\n"));
  CHECK(view.longest == std::vector<std::size_t>{1'200, 1'200, 1'200, 0});
}

TEST_CASE("views: names of built-in views are theirs") {
  const std::string text = "view: skald-x\n" + with_rule("{ event: SagaStarted, set: { a: x } }").substr(8);
  CHECK(faults_of(text).find("1:7: error: names that begin with 'skald-' are those of built-in views") == 0);
  CHECK(load_view(text, "f", nullptr, ViewOrigin::BuiltIn).view);
}
