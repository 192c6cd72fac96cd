// What one event does to the rows of a view.
#include "projections/fold.hpp"

#include "tests/views/seen_log.hpp"
#include "tests/views/view_form.hpp"

using namespace skald;
using namespace skald::views;
using namespace skald::views::testing;

namespace {

constexpr std::string_view kOrder = R"yaml(saga: order
businessKey: ${ .input.customer }
steps:
  - { id: pay, set: {} }
  - id: lines
    forEach: { in: "${ .input.lines }", as: line, steps: [{ id: check, set: {} }, { id: reserve, set: {} }] }
)yaml";

core::StepRequested requested(const std::string& step) {
  return {step, "set", {}};
}
core::StepSucceeded succeeded(const std::string& step, Json output = {}) {
  return {step, 1, std::move(output)};
}

// One saga of kOrder in partition 3.
struct Order : SeenLog {
  SagaId id = begin(define(kOrder), 3);
  explicit Order(Json input = Json::Object()) { tell(id, started(std::move(input))); }
  void tell(core::Fact fact) { SeenLog::tell(id, std::move(fact)); }
  using SeenLog::tell;
};

// The table without the key, which is the saga's id.
std::string told(const std::string& rules, const Order& log) {
  const View view = view_of(with_rule(rules));
  std::string text = table_of(view, log);
  const std::string key = "id=" + to_text(log.id);
  for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key))
    text.erase(at, key.size());
  return text;
}

}  // namespace

TEST_CASE("fold: a rule fits by event, saga, step, name and condition") {
  Order log(*parse_json(R"({"vip":true})"));
  log.tell(succeeded("pay"));
  log.tell(core::EventReceived{"Paid", Json(1), "", "", ""});
  const auto fits = [&](const std::string& filters) {
    return told("{ " + filters + ", add: { n: 1 } }", log) != "";
  };
  CHECK(fits("event: StepSucceeded"));
  CHECK_FALSE(fits("event: StepFailed"));
  CHECK(fits("event: [StepFailed, StepSucceeded]"));
  CHECK(fits("event: StepSucceeded, saga: order"));
  CHECK_FALSE(fits("event: StepSucceeded, saga: other"));
  CHECK(fits("event: StepSucceeded, step: pay"));
  CHECK_FALSE(fits("event: StepSucceeded, step: check"));
  CHECK(fits("event: EventReceived, name: Paid"));
  CHECK_FALSE(fits("event: EventReceived, name: Sent"));
  CHECK(fits("event: StepSucceeded, if: \"${ .input.vip }\""));
  CHECK_FALSE(fits("event: StepSucceeded, if: \"${ .input.vip | not }\""));
  CHECK_FALSE(fits("event: StepSucceeded, if: \"${ .input.unheard }\""));
}

TEST_CASE("fold: a step's id fits it in every item of a forEach, and the path tells which") {
  Order log(*parse_json(R"({"lines":["a","b"]})"));
  log.tell(requested("lines"));
  log.tell(succeeded("lines[0].check", Json("A")));
  log.tell(succeeded("lines[1].check", Json("B")));
  log.tell(succeeded("lines[1].reserve"));
  log.tell(succeeded("lines[0].reserve"));
  CHECK(told("{ event: StepSucceeded, step: reserve, set: { a: \"${ .event.step }\" }, add: { n: 1 } }",
             log) == " a=lines[0].reserve n=2\n");
  // .steps are those of the same item.
  CHECK(told("event: StepSucceeded\n    step: reserve\n    append: { column: l, value: \"${ "
             ".steps.check.output }\", "
             "limit: 2 }",
             log) == " l=[\"A\",\"B\"]\n");
}

TEST_CASE("fold: input, steps, error and saga stand as after the event") {
  Order log(*parse_json(R"({"who":"ann"})"));
  log.tell(succeeded("pay", Json(7)));
  CHECK(told("{ event: SagaStarted, set: { a: \"${ .steps.pay.output // .input.who }\" } }", log)
            .find("a=ann") != std::string::npos);
  CHECK(told("{ event: StepSucceeded, set: { a: \"${ .steps.pay.output }\" } }", log).find("a=7") !=
        std::string::npos);
  CHECK(told("{ event: StepSucceeded, set: { l: \"${ .saga }\" } }", log).find("\"status\":\"running\"") !=
        std::string::npos);
  core::CompensationStarted undo;
  undo.error = core::make_problem("rejected", "too poor");
  log.tell(undo);
  CHECK(told("{ event: CompensationStarted, set: { a: \"${ .error.detail }\" } }", log).find("a=too poor") !=
        std::string::npos);
  auto end = ended("failed");
  end.error = core::make_problem("terminated", "enough");
  log.tell(end);
  CHECK(told("{ event: SagaEnded, set: { a: \"${ .error.detail }: ${ .saga.status }\" } }", log)
            .find("a=enough: failed") != std::string::npos);
}

TEST_CASE("fold: the seconds of a saga are exact, and its open steps say what they wait for") {
  Order log;
  log.tell(requested("pay"));
  log.tell(core::AttemptFailed{"pay", core::Operation::Action, 1, core::make_problem("timeout", ""), true,
                               kStart + std::chrono::hours(1)});
  log.SeenLog::tell(log.id, core::StepWaiting{"pay", "circuit-open", std::nullopt}, Duration(1'500'001));
  CHECK(told("{ event: StepWaiting, set: { m: \"${ .saga.seconds }\" } }", log) == " m=3.500001\n");
  const std::string open = told("{ event: StepWaiting, set: { l: \"${ .saga.openSteps }\" } }", log);
  for (const char* part :
       {R"("step":"pay")", R"("waiting":"circuit-open")", R"("failed":1)", R"("operation":"action")",
        R"("nextAt":"2025-11-21T08:00:00Z")", R"("type":"timeout")"})
    CHECK_MESSAGE(open.find(part) != std::string::npos, open);
}

TEST_CASE("fold: every event has type, time and position beside its fields") {
  Order log;
  log.tell(succeeded("pay", Json("x")));
  CHECK(told("event: StepSucceeded\n    set: { a: \"${ .event.type } ${ .event.time } ${ .event.position } "
             "${ .event.output }\" }",
             log) == " a=StepSucceeded 2025-11-21T07:00:02Z 3-2 x\n");
}

TEST_CASE("fold: set keeps the last value, null too") {
  Order log;
  log.tell(succeeded("pay", Json("x")));
  log.tell(succeeded("pay", Json("y")));
  CHECK(told("{ event: StepSucceeded, set: { a: \"${ .event.output }\" } }", log) == " a=y\n");
  log.tell(succeeded("pay"));
  CHECK(told("{ event: StepSucceeded, set: { a: \"${ .event.output }\" } }", log) == "\n");
}

TEST_CASE("fold: add sums exactly, and null adds nothing") {
  Order log;
  for (int i = 0; i < 10; ++i) log.tell(succeeded("pay", Json::number_from_text("0.1")));
  log.tell(succeeded("pay"));
  CHECK(told("{ event: StepSucceeded, add: { m: \"${ .event.output }\", n: 1 } }", log) == " n=11 m=1.0\n");
}

TEST_CASE("fold: max and min keep the greatest and the smallest, and null gives way") {
  Order log;
  for (const char* time : {"2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-01T00:00:00Z"})
    log.tell(succeeded("pay", Json(time)));
  log.tell(succeeded("pay"));
  CHECK(told("{ event: StepSucceeded, max: { t: \"${ .event.output }\" } }", log) ==
        " t=2026-01-03T00:00:00Z\n");
  CHECK(told("{ event: StepSucceeded, min: { t: \"${ .event.output }\" } }", log) ==
        " t=2026-01-01T00:00:00Z\n");
}

TEST_CASE("fold: append keeps the latest, newest first, one of each event") {
  Order log;
  for (int i = 1; i <= 4; ++i) log.tell(succeeded("pay", Json(i)));
  log.tell(succeeded("pay"));
  CHECK(told("{ event: StepSucceeded, append: { column: l, value: \"${ .event.output }\", limit: 3 } }",
             log) == " l=[4,3,2]\n");
  CHECK(told("{ event: StepSucceeded, append: { column: l, value: \"${ .event.output }\", limit: 3 } }\n"
             "  - { event: StepSucceeded, append: { column: l, value: 0, limit: 3 } }",
             log) == " l=[0,0,0]\n");
}

TEST_CASE("fold: remove takes the row, and what comes later begins anew") {
  Order log;
  const std::string rules =
      "{ event: [StepSucceeded, StepSkipped], add: { n: 1 } }\n  - { event: SagaEnded, remove: true }";
  log.tell(succeeded("pay"));
  CHECK(told(rules, log) == " n=1\n");
  log.tell(ended("completed"));
  CHECK(told(rules, log) == "");
  log.tell(succeeded("pay"));
  CHECK(told(rules, log) == " n=1\n");
}

TEST_CASE("fold: rules that fit one event are applied in the order of the file") {
  Order log;
  log.tell(succeeded("pay"));
  CHECK(told("{ event: StepSucceeded, set: { a: x } }\n  - { event: StepSucceeded, set: { a: y } }", log) ==
        " a=y\n");
  CHECK(told("{ event: StepSucceeded, set: { a: x } }\n  - { event: StepSucceeded, remove: true }", log) ==
        "");
}

TEST_CASE("fold: a key of its own names another row, and a null in a key skips the event") {
  Order log;
  log.tell(succeeded("pay", *parse_json(R"({"other":"0198c1f2-0000-7000-8000-000000000001"})")));
  log.tell(succeeded("pay"));
  CHECK(told("{ event: StepSucceeded, key: { id: \"${ .event.output.other }\" }, add: { n: 1 } }", log) ==
        "id=0198c1f2-0000-7000-8000-000000000001 n=1\n");
}

TEST_CASE("fold: one event may change several rows") {
  Order log;
  log.tell(succeeded("pay", Json("0198c1f2-0000-7000-8000-000000000001")));
  const View view =
      view_of(with_rule("{ event: StepSucceeded, key: { id: \"${ .event.output }\" }, add: { n: 1 } }\n"
                        "  - { event: StepSucceeded, add: { n: 2 } }\n"
                        "  - { event: StepSucceeded, key: { id: \"${ .event.output }\" }, add: { n: 4 } }"));
  const auto changes = folded(view, log.events().back());
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].columns[1].front().value == "5");
  CHECK(changes[1].columns[1].front().value == "2");
}

TEST_CASE("fold: constants and lists of values are written as they are") {
  Order log;
  CHECK(told("{ event: SagaStarted, set: { l: { a: [1, \"${ .saga.businessKey }\"], b: null }, n: 5 } }",
             log) == " n=5 l={\"a\":[1,\"ann\"],\"b\":null}\n");
}

TEST_CASE("fold: what does not fit stops the view with a sentence that names everything") {
  Order log;
  log.tell(succeeded("pay", Json("abc")));
  const View view = view_of(with_rule("{ event: StepSucceeded, set: { n: \"${ .event.output }\" } }"));
  CHECK(poison(view, log) == "view 'v', rule of line 5, at the StepSucceeded 3-2 of saga " + to_text(log.id) +
                                 ": 'n': \"abc\" does not fit a column of type integer");
}

TEST_CASE("fold: expressions that fail stop the view: a condition, a key, a value") {
  Order log;
  log.tell(succeeded("pay", Json("abc")));
  const auto stops = [&](const std::string& rule) { return poison(view_of(with_rule(rule)), log); };
  CHECK(stops("{ event: StepSucceeded, if: \"${ .event.output.x }\", set: { a: x } }").find("'if' fails: ") !=
        std::string::npos);
  CHECK(stops("{ event: StepSucceeded, key: { id: \"${ .event.output.x }\" }, set: { a: x } }")
            .find("the key 'id' fails: ") != std::string::npos);
  CHECK(stops("{ event: StepSucceeded, set: { a: \"${ .event.output.x }\" } }")
            .find("the value of 'a' fails: ") != std::string::npos);
  // Unless they say what then.
  CHECK(stops("{ event: StepSucceeded, set: { a: \"${ .event.output.x? // \\\"none\\\" }\" } }") == "");
}

TEST_CASE("fold: a key that could be written in two ways is refused where rows have an order") {
  const View by_key = view_of(with_top("{ k: \"${ .saga.businessKey }\" }", "{ k: uuid, a: text }"));
  SeenLog log;
  const SagaId id = log.begin(log.define(kOrder), 1);
  log.tell(id, started(Json::Object(), "0198C1F2-0000-7000-8000-00000000003F"));
  CHECK(poison(by_key, log).find("make the column a text") != std::string::npos);
  log.tell(id, started(Json::Object(), "0198c1f2-0000-7000-8000-00000000003f"));
  CHECK(poison(by_key, log) == "");
}

TEST_CASE("fold: a value too long for an index stops the view before SQL does") {
  const View view = view_of(with_top("{ k: \"${ .saga.businessKey }\" }", "{ k: text, a: text }"));
  SeenLog log;
  const SagaId id = log.begin(log.define(kOrder), 1);
  log.tell(id, started(Json::Object(), std::string(2'400, 'x')));
  CHECK(poison(view, log) == "");
  log.tell(id, started(Json::Object(), std::string(2'401, 'x')));
  CHECK(poison(view, log).find("a value of 2401 bytes is too long for a key or an index") !=
        std::string::npos);
}

TEST_CASE("fold: a view that looks at events alone needs no state") {
  const View view = view_of(with_rule("{ event: SagaEnded, set: { a: \"${ .event.status }\" } }"));
  CHECK_FALSE(view.needs_state);
  const Json payload = *parse_json(R"({"status":"completed","undo":"none"})");
  const SagaId saga;
  const auto changes = fold(view, {saga, "SagaEnded", payload, {}, nullptr, nullptr});
  REQUIRE(changes.has_value());
  REQUIRE(changes->size() == 1);
  CHECK(changes->front().key == std::vector<std::string>{to_text(saga)});
}

TEST_CASE("fold: an event of a step that its definition does not know is folded all the same") {
  Order log;
  for (const char* step : {"nobody", "nobody[0].check", "pay[0].check", "x.y", "lines[1].x[2].y"}) {
    log.tell(succeeded(step, Json(1)));
    const View view = view_of(with_rule("{ event: StepSucceeded, set: { l: \"${ .steps }\" } }"));
    CHECK(poison(view, log) == "");
  }
}
