// Every fault that a definition can have, at its place: what `skald validate` prints.
#include <doctest/doctest.h>

#include "sagas/services.hpp"
#include "tests/sagas/faulty_rows.hpp"

namespace skald::sagas {
namespace {

TEST_CASE("definition: faults of the top level") {
  check({
      {"[]", {"1:1: error: expected a saga (a map), found a list"}},
      {"5", {"1:1: error: expected a saga (a map), found the number 5"}},
      {"title: x\n", {"1:1: error: a saga needs 'saga'", "1:1: error: a saga needs 'steps'"}},
      {with_top("sagas: y"), {"2:1: error: unknown key 'sagas' in a saga; did you mean \"saga\"?"}},
      {with_top("anwserAfter: a"),
       {"2:1: error: unknown key 'anwserAfter' in a saga; did you mean \"answerAfter\"?"}},
      {"saga: Big Name\nsteps:\n  - id: a\n" + kGet,
       {"1:7: error: 'Big Name' cannot be the name of a saga; use a-z"}},
      {"saga: 5\nsteps:\n  - id: a\n" + kGet, {"1:7: error: expected a text, found the number 5; quote it"}},
      {with_top("title: [a]"), {"2:8: error: expected a text, found a list"}},
      {with_top("title:"), {"2:1: error: expected a text, found nothing"}},
      {with_top("timeout: 30"),
       {"2:10: error: expected a duration like 5s, found the number 30; add a unit"}},
      {with_top("timeout: soon"), {"2:10: error: expected a duration like 5s, found the text 'soon'"}},
      {with_top("timeout: 0s"), {"2:10: error: expected a duration longer than nothing"}},
      {with_top("timeout: -5s"), {"2:10: error: expected a duration like 5s"}},
      {with_top("cancelUntil: ever"),
       {"2:14: error: expected pivot, end, forever or never, found the text 'ever'; did you mean "
        "\"never\"?"}},
      {with_top("cancelUntil: pivot"), {"2:1: error: cancelUntil: pivot, but no step is the pivot"}},
      {with_top("compensation: { order: revers, onFail: stuck }"),
       {"2:24: error: expected reverse or parallel",
        "2:32: error: unknown key 'onFail' in compensation; did you mean"}},
      {with_top("compensation: reverse"), {"2:15: error: expected a map, found the text 'reverse'"}},
      {with_top("businessKey: ${ .input.a"),
       {"2:16: error: the expression does not end: its '}' is missing. In YAML, quote it"}},
      {with_top("businessKey: ${ .saga.id }"),
       {"2:17: error: '.saga' is not known here; businessKey sees .input only"}},
      {with_top("businessKey: { a: 1 }"), {"2:14: error: expected a text or an expression, found a map"}},
      {with_top("businessKey: .input.id"), {"2:14: warning: this businessKey is the same for every saga"}},
      {with_top("input: { shema: {} }"),
       {"2:10: error: unknown key 'shema' in input; did you mean \"schema\"?"}},
      {with_top("input:\n  schema:\n    type: strang"), {"4:11: error: input.schema/type: "}},
      {with_top("input:\n  schema:\n    properties:\n      a: { minimun: 1 }"),
       {"5:21: error: input.schema/properties/a/minimun"}},
      {"saga: x\nsteps: {}\n", {"2:8: error: expected a list, found a map"}},
      {"saga: x\nsteps: []\n", {"2:8: error: a saga has at least one step"}},
      {"saga: x\nsaga: y\nsteps:\n  - id: a\n    htp: {}\n",
       {"2:1: error: the key 'saga' stands twice", "4:5: error: this step says not what it does",
        "5:5: error: unknown key 'htp' in a step; did you mean \"http\"?"}},
      {with_top("output: ${ .steps.b.output }"), {"2:12: error: there is no step 'b'; did you mean \"a\"?"}},
      {with_top("output: ${ .stps.a.output }"),
       {"2:12: error: '.stps' is not known here; did you mean \"steps\"?"}},
      {with_top("output: { a: [1, \"x ${ .saga.nmae }\"] }"),
       {"2:24: error: '.saga' has no 'nmae'; did you mean \"name\"?"}},
      {with_top("output: ${ .error.title }"),
       {"2:12: error: '.error' is not known here; only an undo sees it"}},
      {with_top("output: ${ .secrets.TOKEN }"),
       {"2:12: error: '.secrets' is not known here; only the headers of a request see it"}},
      {with_top("output: ${ 1 + }"), {"2:"}},
  });
}

TEST_CASE("definition: faults of a step") {
  check({
      {with_steps("  - a"), {"3:5: error: expected a step (a map), found the text 'a'"}},
      {with_steps("  - {}"),
       {"3:5: error: a step needs 'id'", "3:5: error: this step says not what it does"}},
      {with_steps("  - id: a b\n" + kGet), {"3:9: error: 'a b' cannot be the id of a step"}},
      {with_steps("  - id: 1a\n" + kGet), {"3:9: error: '1a' cannot be the id of a step"}},
      {with_steps("  - id: a\n" + kGet + "  - id: a\n" + kGet),
       {"5:9: error: the id 'a' is taken by an earlier step"}},
      {with_step("    wait: 5s"), {"5:5: error: a step has one kind, and this one is 'http' already"}},
      {with_step("    pivot: yes"), {"5:12: error: expected true or false, found the text 'yes'"}},
      {with_step("    tiemout: 5s"),
       {"5:5: error: unknown key 'tiemout' in a step; did you mean \"timeout\"?"}},
      {with_step("    timeout: [5s]"), {"5:14: error: expected a duration like 5s, found a list"}},
      {with_step("    totalTimeout: 5"), {"5:19: error: expected a duration like 5s"}},
      {with_step("    title: true"), {"5:12: error: expected a text, found true; quote it"}},
      {with_step("    if: .input.x"), {"5:9: error: this is no condition: it is never true or false"}},
      {with_step("    if: \"so ${ .input.x }\""),
       {"5:9: error: this is no condition: it is never true or false"}},
      {with_step("    if: 1"), {"5:9: error: this is no condition"}},
      {with_step("    if: [a]"), {"5:9: error: expected a text or an expression, found a list"}},
      {with_step("    if: true"), {"5:9: warning: this condition is always true"}},
      {with_step("    if: ${ 1 > 2 }"), {"5:9: warning: this step never runs"}},
      {with_step("    if: ${ .input.x == }"), {"5:"}},
      {with_step("    if: \"${ .input.x | lenght }\""), {"5:"}},
      {with_step("    if: ${ .input.x # y }"),
       {"5:11: error: the expression does not end: its '}' is missing. In YAML, quote it"}},
      {with_step("    if: |-\n      ${ .input.x\n         and .respons.y }"),
       {"7:14: error: '.respons' is not known here"}},
      {with_step("    if: ${ .response.status == 2 }"),
       {"5:12: error: '.response' is not known here; only the output of an http or a task"}},
      {with_step("    if: ${ .event.data }"), {"5:12: error: '.event' is not known here; only waitFor"}},
      {with_step("    if: ${ .steps.a.output }"),
       {"5:12: error: the step 'a' reads itself before it is done"}},
      {with_step("    output: ${ .steps.a.output }"),
       {"5:16: error: the step 'a' reads itself before it is done"}},
      {with_step("    output: ${ .response.boddy }"),
       {"5:16: error: '.response' has no 'boddy'; did you mean \"body\"?"}},
      {with_steps("  - id: a\n    if: ${ .steps.b.output }\n" + kGet + "  - id: b\n" + kGet),
       {"4:12: error: the step 'b' comes later"}},
      {with_steps("  - id: a\n" + kGet + "  - id: b\n    if: ${ .steps.a.outptu }\n" + kGet),
       {"6:12: error: '.steps.a' has no 'outptu'; did you mean \"output\"?"}},
  });
}

TEST_CASE("definition: faults of an http action") {
  check({
      {with_steps("  - id: a\n    http: /a"), {"4:11: error: expected http (a map), found the text '/a'"}},
      {with_steps("  - id: a\n    http: {}"),
       {"4:11: error: http needs 'method'", "4:11: error: http needs 'path'",
        "4:11: error: http needs 'service'"}},
      {with_steps("  - id: a\n    http: { service: s, method: get, path: /a }"),
       {"4:33: error: expected GET, HEAD, POST, PUT, PATCH or DELETE, found the text 'get'; did you mean "
        "\"GET\"?"}},
      {with_steps("  - id: a\n    http: { service: s, method: GET, path: a }"), {"4:44: error: "}},
      {with_steps("  - id: a\n    http: { service: s, method: GET, path: \"/a?b=${ .input.b }\" }"),
       {"4:45: error: a path has no '?'"}},
      {with_steps("  - id: a\n    http: { service: s, method: GET, path: /a, url: http://evil }"),
       {"4:48: error: unknown key 'url' in http"}},
      {with_steps("  - id: a\n    http: { service: s, method: GET, path: /a, body: {} }"),
       {"4:48: error: a GET has no body; put the values into query"}},
      {with_steps("  - id: a\n    http: { service: s, method: GET, path: /a, query: { b: [1] } }"),
       {"4:60: error: expected a text or an expression, found a list"}},
      {with_steps(
           "  - id: a\n    http:\n      service: s\n      method: GET\n      path: /a\n      headers:\n      "
           "  X Y: a\n        Saga-Id: b\n        host: c\n        X-A: d\n        x-a: e"),
       {"9:9: error: 'X Y' is no name of a header",
        "10:9: error: the header 'Saga-Id' is set by Skald itself",
        "11:9: error: the header 'host' is set by Skald itself",
        "13:9: error: the header 'x-a' stands twice"}},
      {with_steps(
           "  - id: a\n    http: { service: s, method: GET, path: /a, query: { b: \"${ .secrets.T }\" } }"),
       {"4:64: error: '.secrets' is not known here"}},
      {with_steps(
           "  - id: a\n    http: { service: s, method: GET, path: /a, headers: { B: \"${ .secrets }\" } }"),
       {"4:66: error: this reads all secrets at once"}},
      {with_steps(
           "  - id: a\n    http: { service: s, method: GET, path: /a, headers: { B: \"${ . | tojson }\" } }"),
       {"4:62: error: '.' reads everything, secrets included"}},
      {with_steps("  - id: a\n    http: { service: s, method: GET, path: /a, headers: { B: \"x ${ .secrets.T "
                  "}\" } }"),
       {}},
      {with_steps("  - id: a\n    http: { service: s, method: POST, path: /a, body: \"${ .input.a\" }\n    "
                  "compensate: none"),
       {"4:58: error: the expression does not end"}},
  });
}

TEST_CASE("definition: faults of retry") {
  check({
      {with_step("    retry: patient"),
       {"5:12: error: there is no retry policy 'patient'; declare it in retryPolicies"}},
      {with_step("    retry: [1]"), {"5:12: error: expected retry (a map), found a list"}},
      {with_step("    retry: { maximumAttempts: -1 }"), {"5:31: error: expected a whole number from 0 to"}},
      {with_step("    retry: { maximumAttempts: 1.5 }"), {"5:31: error: expected a whole number from 0 to"}},
      {with_step("    retry: { backoffCoefficient: 0.5 }"),
       {"5:34: error: expected a number from 1 to 1000, found the number 0.5"}},
      {with_step("    retry: { jitter: 1.5 }"),
       {"5:22: error: expected a number from 0 to 1, found the number 1.5"}},
      {with_step("    retry: { initialInterval: 0s }"),
       {"5:31: error: expected a duration longer than nothing"}},
      {with_step("    retry: { initialInterval: 2m }"),
       {"5:14: error: initialInterval (2m) is longer than maximumInterval (1m); give a maximumInterval"}},
      {with_step("    retry: { onExhausted: fail }"), {"5:27: error: expected compensate or stuck"}},
      {with_step("    retry: { nonRetryableErrors: [timeout, 5] }"),
       {"5:44: error: expected a text, found the number 5"}},
      {with_step("    retry: { maxAttempts: 5 }"),
       {"5:14: error: unknown key 'maxAttempts' in retry; did you mean \"maximumAttempts\"?"}},
      {with_top("retryPolicies: { lazy: { jitter: 0 } }"),
       {"2:18: warning: no step uses the retry policy 'lazy'"}},
      {"saga: x\nretryPolicies: { lazy: { jiter: 0 } }\nsteps:\n  - id: a\n" + kGet + "    retry: lzay\n",
       {"2:18: warning: no step uses the retry policy 'lazy'",
        "2:26: error: unknown key 'jiter' in the retry policy; did you mean \"jitter\"?",
        "6:12: error: there is no retry policy 'lzay'; did you mean \"lazy\"?"}},
  });
}

TEST_CASE("definition: before the pivot every step that changes something says how it is undone") {
  check({
      {with_steps("  - id: a\n" + kPost),
       {"3:5: error: the step 'a' does not say how it is undone; add compensate: with an action, or "
        "compensate: none"}},
      {with_steps("  - id: a\n" + kPost + "    compensate: none"), {}},
      {with_steps("  - id: a\n" + kPost + "    compensate: nothing"),
       {"5:17: error: expected an action such as { http: … }, or none, found the text 'nothing'"}},
      {with_steps("  - id: a\n" + kPost + "    compensate: {}"),
       {"5:17: error: this compensate says not what it does; give it an action: http, task, emit or saga; or "
        "say none"}},
      {with_steps("  - id: a\n" + kPost + "    compensate: { emit: { event: E } }"), {}},
      {with_steps("  - id: a\n" + kPost + "    compensate: { wait: 5s }"),
       {"5:17: error: this compensate says not", "5:19: error: unknown key 'wait' in compensate"}},
      {with_steps(
           "  - id: a\n" + kPost +
           "    compensate: { http: { service: s, method: POST, path: /b }, retry: { onExhausted: stuck } }"),
       {"5:74: error: onExhausted has no meaning in an undo"}},
      {with_steps("  - id: a\n" + kPost + "    pivot: true\n  - id: b\n" + kPost), {}},
      {with_steps("  - id: a\n" + kPost + "  - id: b\n" + kPost + "    pivot: true"),
       {"3:5: error: the step 'a' does not say how it is undone"}},
  });
}

TEST_CASE("definition: after the pivot every step can be finished and none is undone") {
  const std::string pivot =
      "  - id: a\n" + kPost + "    pivot: true\n  - id: b\n" + kPost;  // b's further lines begin in line 8
  const std::string undo = "    compensate: { http: { service: s, method: POST, path: /b } }\n";
  check({
      {with_steps(pivot + "    pivot: true"),
       {"8:5: error: a saga has one pivot at most; 'a' is one already"}},
      {with_steps(pivot + "    retry: { maximumAttempts: 3 }"),
       {"8:5: error: 'b' stands after the pivot and gives up after 3 attempts"}},
      {with_steps(pivot + "    retry: { maximumAttempts: 3 }\n    optional: true"), {}},
      {with_steps(pivot + "    retry: { onExhausted: compensate }"),
       {"8:5: error: 'b' stands after the pivot, where onExhausted cannot be compensate"}},
      {with_steps(pivot + "    totalTimeout: 1h"),
       {"8:5: error: 'b' stands after the pivot and gives up after 1h"}},
      {with_steps(pivot + undo), {"8:5: error: a step after the pivot is never undone"}},
      {"cancelUntil: forever\n" + with_steps(pivot + undo), {}},
      {with_steps("  - id: a\n" + kPost + "    pivot: true\n" + undo),
       {"6:5: error: the pivot is never undone"}},
      {with_steps("  - id: a\n" + kPost + "    pivot: true\n    optional: true"),
       {"6:5: error: the pivot cannot be optional"}},
      {with_steps("  - id: a\n" + kPost + "    pivot: true\n    if: ${ .input.x }"),
       {"6:5: warning: where the pivot is skipped, the way back stays open"}},
  });
}

TEST_CASE("definition: an undo uses only data that surely exists when it runs") {
  const auto undo = [](const std::string& expression) {
    return with_steps("  - id: a\n    optional: true\n" + kGet + "  - id: b\n" + kPost +
                      "    compensate: { http: { service: s, method: POST, path: /b, body: \"${ " +
                      expression + " }\" } }\n" + "  - id: c\n    if: ${ .input.c }\n" + kGet);
  };
  check({
      {undo(".saga.id"), {}},
      {undo("[.error.title, .input.x]"), {}},
      {undo(".response.body"), {"8:73: error: '.response' is not known here"}},
      {undo(".steps.b.output.id"),
       {"8:73: warning: this undo needs the answer of its own step, and there is none when the call was not "
        "answered"}},
      {undo(".steps.b.output.id // .saga.id"), {}},
      {undo("\\\"//\\\" + .steps.b.output.id"),
       {"8:82: warning: this undo needs the answer of its own step"}},
      {undo(".steps.b.status"), {}},
      {undo(".steps.c.output"), {"8:73: error: this undo reads the step 'c', which may not have run yet"}},
      {undo(".steps.a.output"),
       {"8:73: warning: this undo reads the step 'a', which may have been given up"}},
      {undo(".steps.z.output"), {"8:73: error: there is no step 'z'"}},
      {undo(".steps.a.status"), {}},
  });
}

TEST_CASE("definition: fields of the input are those of its schema") {
  const std::string open =
      "input: { schema: { properties: { name: {}, at: { properties: { city: {} } } } } }\n";
  check({
      {with_step("    if: ${ .input.nmae }\n" + kInput),
       {"5:12: error: the input's schema has no field 'nmae'; did you mean \"name\"?"}},
      {with_step("    if: ${ .input.nmae }\n" + open),
       {"5:12: warning: the input's schema has no field 'nmae'; did you mean \"name\"?"}},
      {with_step("    if: ${ .input.at.ctiy }\n" + open),
       {"5:12: warning: the input's schema has no field 'ctiy'; did you mean \"city\"?"}},
      {with_step("    if: ${ .input.name.first.letter }\n" + open), {}},
      {with_step("    if: ${ .input | has(\"nmae\") }\n" + kInput), {}},
      {with_step("    if: ${ .input.x }\ninput: { schema: { properties: { y: {} }, patternProperties: { "
                 "\"^x\": {} } } }"),
       {}},
  });
}

TEST_CASE("definition: the step that a start waits for is there, and near") {
  check({
      {with_top("answerAfter: b"), {"2:14: error: there is no step 'b'; did you mean \"a\"?"}},
      {with_top("answerAfter: a"), {}},
      {"answerAfter: a\n" + with_step("    optional: true"),
       {"1:14: error: the answer cannot wait for 'a', which is optional"}},
      {"answerAfter: a\n" + with_step("    timeout: 40s"),
       {"1:14: warning: the steps up to the answer can take 204s"}},
      {"answerAfter: a\n" + with_step("    timeout: 10s\n    retry: { maximumAttempts: 3, jitter: 0 }"),
       {"1:14: warning: the steps up to the answer can take 31s"}},
      {"answerAfter: a\n" +
           with_step("    timeout: 10s\n    totalTimeout: 20s\n    retry: { maximumAttempts: 3, jitter: 0 }"),
       {}},
      {"saga: x\nanswerAfter: a\nsteps:\n  - id: w\n    set: {}\n  - id: a\n" + kGet, {}},
      {"answerAfter: a\n" + with_step("    retry: { maximumAttempts: 0 }"),
       {"1:14: warning: the start may wait without end for 'a'"}},
      {"answerAfter: a\n" + with_step("    retry: { maximumAttempts: 0 }\n    totalTimeout: 20s"), {}},
      {"answerAfter: a\n" + with_step("    timeout: 1ms\n    retry: { maximumAttempts: 1000000000 }"),
       {"1:14: warning: the steps up to the answer can take"}},
      {"answerAfter: a\n" + with_step("    retry: { maximumAttempts: 1000000000, backoffCoefficient: "
                                      "1.000000000001, initialInterval: 1ms }"),
       {"1:14: warning: the steps up to the answer can take"}},
      {"answerAfter: b\n" +
           with_steps("  - id: a\n" + kGet + "    timeout: 30000d\n    totalTimeout: 30000d\n" +
                      "  - id: b\n" + kGet + "    timeout: 30000d\n    totalTimeout: 30000d"),
       {"1:14: warning: the steps up to the answer can take 60000d"}},
  });
}

TEST_CASE("definition: the services it calls are registered") {
  const ServiceRegistry services(
      {Service{"payment", "http://127.0.0.1:1", std::chrono::seconds(1), 64, {}, {}, {}}});
  const std::string action = "{ service: paiment, method: POST, path: /a }";
  check(
      {{with_steps("  - id: a\n    http: " + action + "\n    compensate: { http: " + action + " }"),
        {"4:22: error: the service 'paiment' is not registered; did you mean \"payment\"?",
         "5:36: error: the service 'paiment' is not registered; did you mean \"payment\"?"}},
       // The service's own timeout of one second counts: 5 × 1 s and the waits.
       {"saga: x\nanswerAfter: b\nsteps:\n  - id: a\n    http: { service: payment, method: GET, path: /a }\n"
        "  - id: b\n    http: { service: payment, method: GET, path: /a }\n",
        {}}},
      &services);
}

TEST_CASE("definition: all faults of a file are reported, by place") {
  check({{"saga: X\ntimeout: 5\nsteps:\n  - id: a\n" + kPost +
              "    retyr: 1\n  - id: a\n    wait: soon\noutput: ${ .steps.q }\n",
          {"1:7: error: 'X' cannot", "2:10: error: expected a duration",
           "4:5: error: the step 'a' does not say", "6:5: error: unknown key 'retyr'",
           "7:9: error: the id 'a' is taken", "8:11: error: expected a duration",
           "9:12: error: there is no step 'q'"}}});
}

TEST_CASE("definition: a file with very many faults shows the first ones and counts the rest") {
  std::string text = "saga: x\n";
  for (int i = 0; i < 1'000; ++i) text += "unknown" + std::to_string(i) + ": 1\n";
  const auto faults = faults_of(text);
  REQUIRE_EQ(faults.size(), FaultList::kMaxFaults + 1);
  CHECK_NE(faults.back().find("and 801 more"), std::string::npos);
}

TEST_CASE("definition: a thousand steps are loaded, more are refused by name of the limit") {
  const auto steps = [](int count) {
    std::string text = "saga: x\nsteps:\n";
    for (int i = 0; i < count; ++i) text += "  - id: s" + std::to_string(i) + "\n" + kGet;
    return text;
  };
  CHECK(faults_of(steps(1'000)).empty());
  check({{steps(10'000),
          {"3:3: error: a saga has at most 1000 steps, this one 10000; divide it into several sagas"}}});
}

}  // namespace
}  // namespace skald::sagas
