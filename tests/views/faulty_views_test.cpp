// Every fault of a view file has its place, says what is wrong, and what to do about it.
#include <doctest/doctest.h>

#include <sstream>

#include "sagas/catalog.hpp"
#include "sagas/definition_loader.hpp"
#include "tests/views/view_form.hpp"

using namespace skald;
using namespace skald::views;
using namespace skald::views::testing;

namespace {

struct Row {
  std::string text;
  std::string fault;  // of the first one: "line:column: error: message; remedy", or the beginning of it
};

// Without the warnings of columns that nobody writes, which small views are full of, unless they are meant.
std::string meant_faults(const Row& row) {
  const std::string idle = "no rule writes";
  if (row.fault.find(idle) != std::string::npos) return faults_of(row.text);
  std::string told;
  std::istringstream lines(faults_of(row.text));
  for (std::string line; std::getline(lines, line);)
    if (line.find(idle) == std::string::npos) told += line + '\n';
  return told;
}

void check_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const std::string told = meant_faults(row);
    CHECK_MESSAGE(told.starts_with(row.fault), told);
  }
}

Row rule(const std::string& text, const std::string& fault) {
  return {with_rule(text), fault};
}

const std::string kKey = "{ k: \"${ .saga.id }\" }";

}  // namespace

TEST_CASE("views: faults of the top level") {
  check_rows({
      {"[]", "1:1: error: expected a view (a map), found a list"},
      {"view: v\n", "1:1: error: a view needs 'columns'; add it"},
      {"view: V\n" + with_rule("{ event: SagaStarted, set: { a: x } }").substr(8),
       "1:7: error: 'V' cannot be the name of a view; use a-z"},
      {with_top(kKey, "{ k: uuid, a: text }", "index: []\n"),
       "6:1: error: unknown key 'index' in a view; did you mean \"indexes\"?"},
      {with_top(kKey, "{ k: uuid, a: text }", "keep: maybe\n"), "6:7: error: expected rows or log, found"},
      {"view: v\nkey: " + kKey + "\ncolumns: { k: uuid, a: text }\nrules: []\n",
       "4:8: error: a view needs at least one rule"},
  });
}

TEST_CASE("views: faults of columns") {
  check_rows({
      {with_top(kKey, "{ k: uuid, a: string }"),
       "3:24: error: expected text, integer, bigint, numeric, boolean, timestamptz, uuid or jsonb, found the "
       "text "
       "'string'"},
      {with_top(kKey, "{ k: uuid, a: txt }"), "3:24: error: expected text, integer"},
      {with_top(kKey, "{ k: uuid, a-b: text, a: text }"),
       "3:21: error: 'a-b' cannot be the name of a column"},
      {with_top(kKey, "{ k: uuid, limit: text, a: text }"),
       "3:21: error: a column cannot be called 'limit': queries use the word; choose another name"},
      {with_top(kKey, "{ k: uuid, a: text, z: text }"), "3:30: warning: no rule writes 'z'"},
  });
}

TEST_CASE("views: faults of keys") {
  check_rows({
      {with_top("{}", "{ a: text }"), "2:6: error: the key names no column"},
      {with_top("{ i: \"${ .saga.id }\" }", "{ id: uuid, a: text }"),
       "2:8: error: 'columns' does not declare 'i' of the key; did you mean \"id\"?"},
      {with_top("{ k: \"${ .event.time }\" }", "{ k: numeric, a: text }"),
       "3:12: error: 'k' belongs to the key, which has no columns of type numeric; make it bigint or text"},
      {with_top("{ k: \"${ .event.time }\" }", "{ k: jsonb, a: text }"),
       "3:12: error: 'k' belongs to the key"},
      {with_top("{ k: \"${ .saga.idd }\" }", "{ k: uuid, a: text }"),
       "2:15: error: '.saga' has no 'idd'; did you mean \"id\"?"},
      {with_top("{ k: [1] }", "{ k: uuid, a: text }"), "2:11: error: expected a text or an expression"},
      rule(
          "{ event: SagaStarted, key: { i: x }, set: { a: x } }",
          "5:32: error: the key lacks 'id'; every key of a view has the same columns\n5:34: error: 'i' is no "
          "column of the view's key; did you mean \"id\"?"),
      rule("{ event: SagaStarted, set: { id: x } }",
           "5:34: error: 'id' belongs to the key, which never changes"),
  });
}

TEST_CASE("views: faults of indexes") {
  const auto index = [](const std::string& indexes, const std::string& fault) {
    return Row{with_top(kKey, "{ k: uuid, a: text, j: jsonb }", "indexes: " + indexes + "\n"), fault};
  };
  check_rows({
      index("[a]", "3:30: warning: no rule writes 'j'"),
      {with_top(kKey, "{ k: uuid, a: text }", "indexes: [a]\n"),
       "6:11: error: expected an index (a list of columns), found the text 'a'; write [a]"},
      {with_top(kKey, "{ k: uuid, a: text }", "indexes: [[b]]\n"), "6:12: error: there is no column 'b'"},
      {with_top(kKey, "{ k: uuid, a: text }", "indexes: [[a, a]]\n"),
       "6:15: error: 'a' stands twice in this index"},
      {with_top(kKey, "{ k: uuid, a: text }", "indexes: [[]]\n"), "6:11: error: an index has 1 to 4 columns"},
      {with_top(kKey, "{ k: uuid, a: text }", "indexes: [[k]]\n"),
       "6:11: warning: the key is an index of k already; remove this one"},
      {with_top(kKey, "{ k: uuid, a: text }", "indexes: [[a, k], [a]]\n"),
       "6:19: warning: the index of a, k serves for this one too"},
  });
  CHECK(faults_of(index("[[j]]", "").text).find("is of type jsonb, which no index can order") !=
        std::string::npos);
}

TEST_CASE("views: faults of the filters of a rule") {
  check_rows({
      rule("5", "5:5: error: expected a rule (a map), found the number 5"),
      rule("{ set: { a: x } }", "5:5: error: a rule needs 'event'"),
      rule("{ event: StepSuceeded, set: { a: x } }",
           "5:14: error: there is no event 'StepSuceeded'; did you mean \"StepSucceeded\"?"),
      rule("{ event: [], set: { a: x } }", "5:14: error: this list names no event"),
      rule("{ event: SagaStarted, sga: x, set: { a: x } }", "5:27: error: unknown key 'sga' in a rule"),
      rule("{ event: SagaStarted, saga: X, set: { a: x } }", "5:33: error: 'X' cannot be the name of a saga"),
      rule("{ event: SagaStarted, step: pay, set: { a: x } }",
           "5:27: error: SagaStarted has no 'step', so this rule never fits it; remove one of the two"),
      rule("{ event: StepSucceeded, name: Paid, set: { a: x } }", "5:29: error: StepSucceeded has no 'name'"),
      rule("{ event: StepSucceeded, step: \"lines[3].pay\", set: { a: x } }",
           "5:35: error: 'lines[3].pay' is the path of a step, and a rule names its id; write the id alone"),
      rule("{ event: SagaStarted, if: .input.x, set: { a: x } }", "5:31: error: this is no condition"),
      rule("{ event: SagaStarted, if: true, set: { a: x } }",
           "5:31: warning: this condition is always the same"),
      rule("{ event: SagaStarted, if: \"${ .input. }\", set: { a: x } }", "5:"),
  });
}

TEST_CASE("views: faults of the folds of a rule") {
  check_rows({
      rule("{ event: SagaStarted }", "5:5: error: this rule changes nothing; add set, add, max"),
      rule("{ event: SagaStarted, set: { aa: x } }",
           "5:34: error: there is no column 'aa'; did you mean \"a\"?"),
      rule("{ event: SagaStarted, add: { a: 1 } }",
           "5:34: error: 'add' is for columns of type integer, bigint or numeric, and 'a' is text"),
      rule("{ event: SagaStarted, max: { b: true } }",
           "5:34: error: 'max' is for columns of type integer, bigint, numeric, timestamptz or text, and 'b' "
           "is "
           "boolean"),
      rule("{ event: SagaStarted, append: { column: a, value: x, limit: 5 } }",
           "5:45: error: 'append' is for columns of type jsonb, and 'a' is text"),
      rule("{ event: SagaStarted, set: { n: 1 }, add: { n: 1 } }",
           "5:49: error: 'n' is written by 'set' already, so 'add' cannot write it too; use a column for "
           "each"),
      rule("{ event: SagaStarted, add: { n: 1 }, max: { n: 1 } }",
           "5:49: error: 'n' is written by 'add' already, so 'max' cannot write it too"),
      rule("{ event: SagaStarted, set: { n: abc } }",
           "5:37: error: 'n': \"abc\" does not fit a column of type integer"),
      rule("{ event: SagaStarted, set: { t: today } }", "5:37: error: 't': \"today\" does not fit"),
      rule("{ event: SagaStarted, set: { a: [1] } }",
           "5:37: error: expected a value for a column of type text, found a list; only jsonb holds lists"),
      rule("{ event: SagaStarted, append: { column: l, limit: 5 } }", "5:35: error: append needs 'value'"),
      rule("{ event: SagaStarted, append: { column: l, value: x, limit: 0 } }",
           "5:65: error: expected a whole number from 1 to 100"),
      rule("{ event: SagaStarted, append: { column: l, value: x, limit: 101 } }",
           "5:65: error: expected a whole"),
      rule("{ event: SagaStarted, append: { column: l, value: x, limit: 5 } }\n"
           "  - { event: SagaEnded, append: { column: l, value: x, limit: 6 } }",
           "6:63: error: 'l' has limit 5 in another rule; a list has one limit"),
      rule("{ event: SagaEnded, remove: false }", "5:25: error: this does nothing"),
      rule("{ event: SagaEnded, remove: true, set: { a: x } }",
           "5:25: error: a rule that removes the row changes nothing else; make it a rule of its own"),
  });
}

TEST_CASE("views: a row is only removed where its events have an order, and the fault says what to do") {
  const std::string text = with_top("{ k: \"${ .saga.id }\" }", "{ k: text, a: text }",
                                    "  - { event: SagaEnded, remove: true }\n"
                                    "  - event: StepSucceeded\n"
                                    "    key: { k: \"${ .event.output.id }\" }\n"
                                    "    set: { a: y }\n");
  CHECK(faults_of(text) ==
        "6:25: error: rows cannot be removed here: with the key of line 8 a row may come from several "
        "partitions, "
        "whose events have no common order; make a column of the key ${ .saga.id } or ${ .saga.businessKey } "
        "in "
        "all rules, or set a status instead\n");
}

TEST_CASE("views: faults of expressions") {
  const auto set = [](const std::string& event, const std::string& value, const std::string& fault) {
    return rule("{ event: " + event + ", set: { a: \"" + value + "\" } }", fault);
  };
  check_rows({
      set("SagaEnded", "${ .event.sttus }",
          "5:39: error: '.event' has no 'sttus' in the fields of SagaEnded; did you mean \"status\"?"),
      set("SagaStarted", "${ .event.status }",
          "5:41: error: '.event' has no 'status' in the fields of SagaStarted; known here: input, "
          "definition"),
      set("StepRequested", "${ .event.request.servise }",
          "5:43: error: '.event.request' has no 'servise'; did you mean \"service\"?"),
      set("SagaStarted", "${ .event.parent.id }", "5:41: error: '.event.parent' has no 'id'"),
      set("SagaEnded", "${ .saga.state }", "5:39: error: '.saga' has no 'state'; did you mean \"status\"?"),
      set("SagaEnded", "${ .steps.pay.outputs }", "5:39: error: '.steps.pay' has no 'outputs'"),
      set("SagaEnded", "${ .response.body }",
          "5:39: error: '.response' is not known here; only a step sees it: its output is .event.output of "
          "StepSucceeded"),
      set("SagaEnded", "${ .secrets.X }",
          "5:39: error: '.secrets' is not known here; secrets are in no event"),
      set("SagaEnded", "${ .imput.x }", "5:39: error: '.imput' is not known here; did you mean \"input\"?"),
  });
  CHECK_FALSE(has_error(faults_of(set("[SagaStarted, SagaEnded]", "${ .event.status }", "").text)));
  for (const char* common : {"type", "time", "position"})
    CHECK_FALSE(has_error(faults_of(set("SagaPaused", "${ .event." + std::string(common) + " }", "").text)));
}

TEST_CASE("views: counting down for an undo that may have undone nothing is warned of") {
  const auto count = [](const std::string& rule) { return faults_of(with_rule(rule)); };
  const std::string warning =
      "5:31: warning: this counts down for undos of steps that were only possibly done too, "
      "and so below what was counted up; add if: ${ .event.succeeded }\n";
  CHECK(count("{ event: StepCompensated, add: { n: -1 } }").find(warning) != std::string::npos);
  CHECK(count("{ event: StepCompensated, add: { n: \"${ 0 - .input.n }\" } }").find(warning) !=
        std::string::npos);
  for (const char* fine :
       {"{ event: StepCompensated, if: \"${ .event.succeeded }\", add: { n: -1 } }",
        "{ event: StepCompensated, add: { n: 1 } }", "{ event: SagaEnded, add: { n: -1 } }"})
    CHECK_MESSAGE(count(fine).find("counts down") == std::string::npos, fine);
}

TEST_CASE("views: sagas, steps and events that no definition knows are warned of") {
  auto loaded = sagas::load_definition(
      "saga: order\ncancelOn: { event: OrderCancelled }\nsteps:\n  - { id: pay, set: {} }\n"
      "  - { id: paid, waitFor: { event: Paid } }\n",
      "s", nullptr);
  REQUIRE(loaded.definition.has_value());
  sagas::Catalog catalog;
  catalog.add(*loaded.definition, "", {});
  const auto warned = [&](const std::string& rule) {
    const std::string text = with_rule(rule);
    CHECK_FALSE(has_error(faults_of(text, &catalog)));
    std::string in_rule;
    for (const auto& fault : load_view(text, "f", &catalog).faults)
      if (fault.line == kRuleLine) in_rule += sagas::to_text(fault).substr(2);
    return in_rule;
  };
  CHECK(warned("{ event: StepSucceeded, saga: order, step: pay, set: { a: \"${ .steps.paid.status }\" } }") ==
        "");
  CHECK(warned("{ event: EventReceived, saga: order, name: Paid, set: { a: x } }") == "");
  CHECK(warned("{ event: EventReceived, saga: order, name: OrderCancelled, set: { a: x } }") == "");
  CHECK(warned("{ event: StepSucceeded, saga: oder, set: { a: x } }") ==
        "5:35: warning: there is no saga 'oder' yet; did you mean \"order\"?");
  CHECK(warned("{ event: StepSucceeded, saga: order, step: payed, set: { a: x } }") ==
        "5:48: warning: there is no step 'payed' in saga 'order'; did you mean \"pay\"?");
  CHECK(warned("{ event: EventReceived, saga: order, name: Pid, set: { a: x } }") ==
        "5:48: warning: no event 'Pid' is kept in saga 'order'; did you mean \"Paid\"?");
  CHECK(warned("{ event: SagaEnded, saga: order, set: { a: \"${ .steps.pai.output }\" } }")
            .find("there is no step 'pai' in saga 'order'") != std::string::npos);
}
