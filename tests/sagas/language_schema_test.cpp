// The JSON Schemas of the language, which editors use, agree with the loaders on form: what is sound has the
// form (every test of the loader checks that for what it loads), and a fault of form is one for both.
#include "sagas/language_schema.hpp"

#include "sagas/services.hpp"
#include "tests/sagas/faulty_rows.hpp"

namespace skald::sagas {
namespace {

bool has_error(const std::vector<Fault>& faults) {
  return std::any_of(faults.begin(), faults.end(), [](const Fault& fault) { return !fault.warning; });
}

TEST_CASE("language: its schemas are found by name, and bear their names' titles") {
  CHECK(language_schema("saga")->find("\"Skald saga, version 1\"") != std::string_view::npos);
  CHECK(language_schema("services")->find("\"Skald services, version 1\"") != std::string_view::npos);
  CHECK_FALSE(language_schema("sagas"));
  CHECK_GE(language_schemas().size(), 2);
  for (const LanguageSchema& schema : language_schemas()) compiled_language_schema(std::string(schema.name));
}

TEST_CASE("language: a saga of a wrong form is refused by the schema as by the loader") {
  const std::string steps = "steps:\n  - id: a\n    ";
  const std::vector<std::string> faulty = {
      "[]",
      "saga: x\n",
      with_top("sagas: y"),
      with_top("title: 5"),
      with_top("timeout: 30"),
      with_top("timeout: 0s"),
      with_top("timeout: 1y"),
      with_top("timeout: P1Y"),
      with_top("cancelUntil: later"),
      with_top("businessKey: [a]"),
      with_top("input: { shema: {} }"),
      with_top("input: { schema: 5 }"),
      with_top("startOn: E"),
      with_top("startOn: []"),
      with_top("startOn: { where: true }"),
      with_top("startOn: { event: \"a b\" }"),
      with_top("cancelOn: { event: E, until: later }"),
      with_top("cancelOn: [{ event: E, whre: true }]"),
      with_top("compensation: { order: backwards }"),
      with_top("retryPolicies: { p: { jiter: 0 } }"),
      "saga: X\n" + steps + "set: {}\n",
      "saga: x\nsteps: []\n",
      with_steps("  - a"),
      with_steps("  - set: {}"),
      with_steps("  - id: a b\n    set: {}"),
      with_steps("  - id: a"),
      with_step("    wait: 5s"),
      with_step("    tiemout: 5s"),
      with_step("    pivot: yes"),
      with_step("    if: .input.x"),
      with_step("    retry: { maximumAttempts: -1 }"),
      with_step("    retry: { backoffCoefficient: 0.5 }"),
      with_step("    retry: { onExhausted: stop }"),
      with_step("    retry: 5"),
      with_step("    compensate: never"),
      with_step("    compensate: {}"),
      with_step("    compensate: { wait: 5s }"),
      with_step("    compensate: { task: { queue: q }, emit: { event: E } }"),
      with_step("    compensate: { task: { queue: q }, retry: { onExhausted: stuck } }"),
      with_step("    compensate: { emit: { event: E }, timeout: 5s }"),
      with_steps("  - id: a\n    http: { service: s, method: GET }"),
      with_steps("  - id: a\n    http: { service: s, method: get, path: /a }"),
      with_steps("  - id: a\n    http: { service: s, method: GET, path: a }"),
      with_steps("  - id: a\n    http: { service: s, method: GET, path: /a, body: {} }"),
      with_steps("  - id: a\n    http: { service: s, method: GET, path: /a, query: { b: [1] } }"),
      with_steps("  - id: a\n    http: { service: s, method: GET, path: /a, headers: { \"a b\": c } }"),
      with_steps("  - id: a\n    task: {}\n    compensate: none"),
      with_steps("  - id: a\n    task: { queue: a/b }\n    compensate: none"),
      with_steps("  - id: a\n    waitFor: E"),
      with_steps("  - id: a\n    waitFor: { event: E, onTimeout: continue }"),
      with_steps("  - id: a\n    waitFor: { event: E }\n    timeout: 5s"),
      with_steps("  - id: a\n    wait: 5"),
      with_steps("  - id: a\n    wait: {}"),
      with_steps("  - id: a\n    switch: {}"),
      with_steps("  - id: a\n    switch: []"),
      with_steps("  - id: a\n    switch: [{ when: true }]"),
      with_steps("  - id: a\n    switch: [{ steps: [{ id: b, set: {} }] }]\n    optional: true"),
      with_steps("  - id: a\n    parallel: { branches: {} }"),
      with_steps("  - id: a\n    parallel: { branches: { x: [] } }"),
      with_steps("  - id: a\n    parallel: { branches: { x: [{ id: b, set: {} }] } }\n    compensate: none"),
      with_steps("  - id: a\n    forEach: { in: \"${ .input.l }\", steps: [{ id: b, set: {} }] }"),
      with_steps("  - id: a\n    forEach: { in: \"${ .input.l }\", as: input, steps: [{ id: b, set: {} }] }"),
      with_steps("  - id: a\n    forEach: { in: .input.l, as: i, steps: [{ id: b, set: {} }] }"),
      with_steps("  - id: a\n    saga: { name: A }"),
      with_steps("  - id: a\n    saga: { name: a }\n    retry: {}"),
      with_steps("  - id: a\n    emit: {}\n    compensate: none"),
      with_steps("  - id: a\n    set: 5"),
      with_steps("  - id: a\n    fail: { status: 409 }"),
      with_steps("  - id: a\n    fail: {}\n    output: 1"),
      with_steps("  - id: a\n    fail: {}\n    compensate: none"),
  };
  for (const std::string& text : faulty) {
    CAPTURE(text);
    CHECK(has_error(load_definition(text, "f", nullptr).faults));
    CHECK_NE(form_faults("saga", text), "");
  }
}

TEST_CASE("language: services of a wrong form are refused by the schema as by the loader") {
  const auto one = [](const std::string& fields) {
    return "services: { a: { url: \"http://127.0.0.1:1\", " + fields + " } }\n";
  };
  for (const std::string& text :
       {std::string("[]"), std::string("{}"), std::string("services: []"), std::string("services: { A: {} }"),
        one("timeout: 5"), one("connections: 0"), one("rateLimit: 5"), one("rateLimit: 0/s"),
        one("circuitBreaker: { failureRate: 2 }"), one("circuitBreaker: { minimumCalls: 0 }"),
        one("headers: { \"a b\": c }"), one("headers: { a: [] }"), one("conections: 5")}) {
    CAPTURE(text);
    CHECK(has_error(load_services(text, "services.yaml", {}).faults));
    CHECK_NE(form_faults("services", text), "");
  }
  CHECK_EQ(form_faults("services", one("connections: 5")), "");
}

TEST_CASE("language: the longest definition is judged within the bounds of a schema's work") {
  std::string text = "saga: x\nsteps:\n";
  for (int i = 0; i < 1'000; ++i)
    text +=
        "  - { id: s" + std::to_string(i) + ", http: { service: s, method: GET, path: /a }, retry: {} }\n";
  CHECK_EQ(form_faults("saga", text), "");
}

}  // namespace
}  // namespace skald::sagas
