// The JSON Schema of views, which editors use, agrees with the loader on form.
#include <doctest/doctest.h>

#include "projections/builtin_sources.hpp"
#include "projections/event_words.hpp"
#include "tests/views/view_form.hpp"

using namespace skald;
using namespace skald::views;
using namespace skald::views::testing;

TEST_CASE("view schema: it is found by its name, and knows every event") {
  const auto text = sagas::language_schema("view");
  REQUIRE(text);
  CHECK(text->find("\"Skald view, version 1\"") != std::string_view::npos);
  std::vector<std::string> listed;
  const Json schema = *parse_json(*text);
  for (const Json& type : schema.get("definitions").get("eventType").get("enum").as_array())
    listed.push_back(type.as_string());
  auto known = event_types();
  std::sort(listed.begin(), listed.end());
  std::sort(known.begin(), known.end());
  CHECK(listed == known);
}

TEST_CASE("view schema: a view of a wrong form is refused by the schema as by the loader") {
  const std::string key = "{ k: \"${ .saga.id }\" }", columns = "{ k: uuid, a: text, n: integer, l: jsonb }";
  const std::string good = with_top(key, columns);
  const std::vector<std::string> faulty = {
      "[]",
      "view: v\n",
      "view: V\n" + good.substr(8),
      "view: skald-v\n" + good.substr(8),
      "view: 5\n" + good.substr(8),
      good + "index: [[a]]\n",
      good + "title: x\n",
      with_top("{}", columns),
      with_top("k", columns),
      with_top("{ k: [a] }", columns),
      with_top("{ k: null }", columns),
      with_top("{ k: a, b: b, c: c, d: d, e: e }",
               "{ k: text, b: text, c: text, d: text, e: text, a: text }"),
      with_top(key, "{ k: uuid, a: string }"),
      with_top(key, "{ k: uuid, a: text, limit: text }"),
      with_top(key, "{ k: uuid, a: text, b-c: text }"),
      with_top(key, "[k, a]"),
      with_top(key, columns, "keep: maybe\n"),
      with_top(key, columns, "indexes: [a]\n"),
      with_top(key, columns, "indexes: [[]]\n"),
      with_top(key, columns, "indexes: [[a, a]]\n"),
      with_top(key, columns, "indexes: [[a], [n], [a, n], [n, a], [a, k], [n, k], [k, a], [k, n], [k]]\n"),
      "view: v\nkey: " + key + "\ncolumns: " + columns + "\nrules: []\n",
      with_rule("x"),
      with_rule("{ set: { a: x } }"),
      with_rule("{ event: Started, set: { a: x } }"),
      with_rule("{ event: [], set: { a: x } }"),
      with_rule("{ event: SagaStarted }"),
      with_rule("{ event: SagaStarted, sets: { a: x } }"),
      with_rule("{ event: SagaStarted, saga: X, set: { a: x } }"),
      with_rule("{ event: StepFailed, step: \"a[1].b\", set: { a: x } }"),
      with_rule("{ event: EventReceived, name: \"a b\", set: { a: x } }"),
      with_rule("{ event: SagaStarted, if: .input.x, set: { a: x } }"),
      with_rule("{ event: SagaStarted, key: [x], set: { a: x } }"),
      with_rule("{ event: SagaStarted, set: [a] }"),
      with_rule("{ event: SagaStarted, append: { column: l, value: x } }"),
      with_rule("{ event: SagaStarted, append: { column: l, value: x, limit: 101 } }"),
      with_rule("{ event: SagaStarted, append: { column: l, value: x, limit: 5, max: 1 } }"),
      with_rule("{ event: SagaStarted, remove: false }"),
      with_rule("{ event: SagaStarted, remove: row }"),
  };
  for (const std::string& text : faulty) {
    CAPTURE(text);
    CHECK(has_error(faults_of(text)));
    CHECK_NE(sagas::form_faults("view", text), "");
  }
  CHECK_EQ(sagas::form_faults("view", good), "");
}

TEST_CASE("view schema: what loads has the form, apart from the names of built-in views") {
  for (const BuiltinSource& source : builtin_sources()) {
    CAPTURE(source.file);
    std::string text(source.text);
    text.replace(text.find("view: skald-"), 12, "view: ");
    CHECK_EQ(sagas::form_faults("view", text), "");
    CHECK_FALSE(has_error(faults_of(text)));
  }
}
