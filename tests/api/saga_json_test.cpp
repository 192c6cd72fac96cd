#include "api/http/saga_json.hpp"

#include <doctest/doctest.h>

#include "engine/core/event_codec.hpp"
#include "engine/core/evolve.hpp"
#include "sagas/definition_loader.hpp"

using namespace skald;
using namespace skald::api;

namespace {

constexpr std::string_view kDefinition = R"(saga: order
steps:
  - id: first
    http: { service: a, path: /a, method: POST }
    compensate: { http: { service: a, path: /undo, method: POST } }
  - id: second
    http: { service: b, path: /b, method: POST }
    compensate: none
)";

Timestamp at(int second) {
  return *parse_rfc3339("2026-11-21T07:00:00Z") + std::chrono::seconds(second);
}

// The saga after those events, one each second.
runtime::Snapshot after(const std::vector<core::Fact>& facts, std::string_view definition = kDefinition) {
  auto loaded = sagas::load_definition(std::string(definition), "order.saga.yaml", nullptr);
  REQUIRE(loaded.definition.has_value());
  loaded.definition->version = 3;
  runtime::Snapshot saga;
  saga.definition = std::make_shared<core::Definition>(std::move(*loaded.definition));
  saga.state.id = *parse_saga_id("0198c1f2-0000-7000-8000-000000000005");
  int second = 0;
  for (const auto& fact : facts) saga.state = core::evolve(std::move(saga.state), {at(second++), fact});
  saga.position = {Partition{5}, static_cast<std::int64_t>(facts.size())};
  return saga;
}

core::SagaStarted started() {
  core::SagaStarted started;
  started.input = *parse_json("{\"price\":1.10}");
  started.business_key = "k";
  started.by = "ann";
  return started;
}

core::RequestSummary post(std::string service, std::string path) {
  core::RequestSummary request;
  request.method = "POST";
  request.service = std::move(service);
  request.path = std::move(path);
  return request;
}

core::StepRequested asked_of(std::string step, std::string service, std::string path) {
  return {std::move(step), "http", post(std::move(service), std::move(path))};
}

Json step(const Json& saga, std::size_t index) {
  return saga.get("steps").as_array().at(index);
}

}  // namespace

TEST_CASE("saga json: has exactly the documented members, in their order, from the first event on") {
  const Json saga = saga_json(after({started()}));
  std::vector<std::string> names;
  for (const auto& member : saga.as_object()) names.push_back(member.key);
  CHECK(names == std::vector<std::string>{"id", "name", "version", "businessKey", "status", "undo",
                                          "waitingFor", "input", "output", "error", "steps", "startedAt",
                                          "updatedAt", "endedAt", "position"});
  CHECK(saga.get("id") == Json("0198c1f2-0000-7000-8000-000000000005"));
  CHECK(saga.get("version") == Json(3));
  CHECK(saga.get("status") == Json("running"));
  CHECK(saga.get("input").dump() == "{\"price\":1.10}");
  CHECK(saga.get("endedAt").is_null());
  CHECK(saga.get("position") == Json("5-1"));
}

TEST_CASE("saga json: steps stand in the order of the definition, begun or not") {
  const Json saga =
      saga_json(after({started(), asked_of("first", "a", "/a"),
                       core::StepSucceeded{"first", 2, Json("done"), {}}, asked_of("second", "b", "/b")}));
  std::vector<std::string> names;
  for (const auto& member : step(saga, 0).as_object()) names.push_back(member.key);
  CHECK(names == std::vector<std::string>{"id", "status", "attempts", "startedAt", "endedAt", "output",
                                          "error", "undo"});
  CHECK(step(saga, 0).get("status") == Json("succeeded"));
  CHECK(step(saga, 0).get("attempts") == Json(2));
  CHECK(step(saga, 0).get("startedAt") == Json("2026-11-21T07:00:01Z"));
  CHECK(step(saga, 0).get("endedAt") == Json("2026-11-21T07:00:02Z"));
  CHECK(step(saga, 0).get("output") == Json("done"));
  CHECK(step(saga, 1).get("status") == Json("running"));
  CHECK(step(saga, 1).get("attempts") == Json(1));
  CHECK(step(saga_json(after({started()})), 1).get("status") == Json("pending"));
}

TEST_CASE("saga json: what is waited for is said, with the next attempt's time") {
  const std::vector<core::Fact> asked{started(), asked_of("first", "a", "/a")};
  const Json in_flight = saga_json(after(asked)).get("waitingFor");
  REQUIRE(in_flight.as_array().size() == 1);
  CHECK(
      in_flight.as_array()[0].dump() ==
      R"({"step":"first","operation":"action","reason":"answer","since":"2026-11-21T07:00:01Z","until":null})");

  auto failed = asked;
  core::AttemptFailed attempt;
  attempt.step = "first";
  attempt.attempt = 1;
  attempt.error.type = "unreachable";
  attempt.error.title = "No connection";
  attempt.retry_at = at(9);
  failed.push_back(attempt);
  const Json saga = saga_json(after(failed));
  CHECK(
      saga.get("waitingFor").as_array().at(0).dump() ==
      R"({"step":"first","operation":"action","reason":"retry","since":"2026-11-21T07:00:01Z","until":"2026-11-21T07:00:09Z"})");
  CHECK(step(saga, 0).get("attempts") == Json(2));
  CHECK(step(saga, 0).get("error").get("type") == Json("unreachable"));
}

TEST_CASE("saga json: a step that waits says for what, since when and until when") {
  core::RequestSummary payment, packing, child;
  payment.event = "payment";
  packing.queue = "packing";
  child.child = *parse_saga_id("0198c1f2-0000-7000-8000-000000000007");
  const auto waiting = [](const std::vector<core::Fact>& facts) {
    const Json list = saga_json(after(facts)).get("waitingFor");
    REQUIRE(list.as_array().size() == 1);
    return list.as_array()[0].dump();
  };
  CHECK(
      waiting({started(), core::StepRequested{"first", "waitFor", payment},
               core::StepWaiting{"first", "event", at(60)}}) ==
      R"({"step":"first","operation":"action","reason":"event","since":"2026-11-21T07:00:01Z","until":"2026-11-21T07:01:00Z","event":"payment","key":"k"})");
  CHECK(
      waiting({started(), core::StepRequested{"first", "wait", {}},
               core::StepWaiting{"first", "timer", at(9)}}) ==
      R"({"step":"first","operation":"action","reason":"timer","since":"2026-11-21T07:00:01Z","until":"2026-11-21T07:00:09Z"})");
  CHECK(
      waiting({started(), core::StepRequested{"first", "task", packing}}) ==
      R"({"step":"first","operation":"action","reason":"task","since":"2026-11-21T07:00:01Z","until":null,"queue":"packing"})");
  CHECK(
      waiting({started(), core::StepRequested{"first", "saga", child}}) ==
      R"({"step":"first","operation":"action","reason":"child","since":"2026-11-21T07:00:01Z","until":null,"saga":"0198c1f2-0000-7000-8000-000000000007"})");
  CHECK(
      waiting({started(), asked_of("first", "a", "/a"), core::StepWaiting{"first", "circuit-open", at(5)}}) ==
      R"({"step":"first","operation":"action","reason":"circuit-open","since":"2026-11-21T07:00:01Z","until":"2026-11-21T07:00:05Z"})");
}

TEST_CASE("saga json: a saga that is held says that a person is needed") {
  const std::vector<core::Fact> asked{started(), asked_of("first", "a", "/a")};
  auto paused = asked, stuck = asked;
  paused.push_back(core::SagaPaused{"ann", ""});
  const Json held = saga_json(after(paused));
  CHECK(held.get("status") == Json("paused"));
  CHECK(held.get("waitingFor").as_array().at(0).get("reason") == Json("resume"));
  CHECK(held.get("waitingFor").as_array().at(1).get("reason") == Json("answer"));
  stuck.push_back(core::StepFailed{"first", 1, {}, false, false});
  stuck.push_back(core::SagaStuck{"first", core::Operation::Action, {}});
  CHECK(
      saga_json(after(stuck)).get("waitingFor").as_array().at(0).dump() ==
      R"({"step":"first","operation":"action","reason":"operator","since":"2026-11-21T07:00:03Z","until":null})");
}

TEST_CASE("saga json: a saga that was ended without an undo says why") {
  core::Problem why;
  why.type = "terminated";
  const Json saga = saga_json(after({started(), core::SagaEnded{"failed", "none", {}, why, "ann"}}));
  CHECK(saga.get("status") == Json("failed"));
  CHECK(saga.get("error").get("type") == Json("terminated"));
}

TEST_CASE("saga json: an undo that a person skipped is told") {
  const Json saga = saga_json(
      after({started(), asked_of("first", "a", "/a"), core::StepSucceeded{"first", 1, {}, {}},
             core::CompensationStarted{}, core::CompensationRequested{"first", "http", post("a", "/undo")},
             core::StepSkipped{"first", "operator", {}, "ann"}}));
  CHECK(step(saga, 0).get("status") == Json("succeeded"));
  CHECK(step(saga, 0).get("undo") == Json("skipped"));
}

TEST_CASE("saga json: the steps inside of a step follow it, those of items only once they have begun") {
  constexpr std::string_view kNested = R"(saga: order
steps:
  - id: either
    switch:
      - when: ${ .input.price > 1 }
        steps: [{ id: dear, set: { a: 1 } }]
      - steps: [{ id: cheap, set: { a: 2 } }]
  - id: lines
    forEach: { in: "${ .input.lines }", as: line, steps: [{ id: one, set: { a: 1 } }, { id: two, set: { a: 2 } }] }
  - id: last
    set: { a: 3 }
)";
  core::RequestSummary items;
  items.items = 11;
  std::vector<core::Fact> facts{started(), core::StepRequested{"lines", "forEach", items}};
  for (const char* path : {"lines[10].one", "lines[2].one", "lines[2].two"})
    facts.push_back(core::StepRequested{path, "set", {}});
  std::vector<std::string> ids;
  const Json saga = saga_json(after(facts, kNested));
  for (const Json& one : saga.get("steps").as_array()) ids.push_back(one.get("id").as_string());
  CHECK(ids == std::vector<std::string>{"either", "dear", "cheap", "lines", "lines[2].one", "lines[2].two",
                                        "lines[10].one", "last"});
}

TEST_CASE("saga json: an event has its own fields beside type, time, position and version") {
  store::StoredEvent event;
  event.version = 2;
  event.position = {Partition{5}, 7};
  event.type = "StepSucceeded";
  event.payload = R"({"step":"first","attempts":1,"output":{"price":1.10}})";
  event.time = at(1);
  CHECK(
      event_json(event).dump() ==
      R"({"type":"StepSucceeded","time":"2026-11-21T07:00:01Z","position":"5-7","version":2,"step":"first","attempts":1,"output":{"price":1.10}})");
}

TEST_CASE("saga json: a row of a list says what its saga is and how it stands") {
  store::SagaRow row;
  row.start.definition = "order";
  row.start.definition_version = 3;
  row.status.status = "completed";
  row.status.ended_at = at(4);
  const Json json = saga_row_json(row);
  CHECK(json.get("name") == Json("order"));
  CHECK(json.get("status") == Json("completed"));
  CHECK(json.get("endedAt") == Json("2026-11-21T07:00:04Z"));
}
