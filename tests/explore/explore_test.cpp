// Numbers of small definitions, worked out by hand.
#include "sagas/explore/explore.hpp"

#include <doctest/doctest.h>

#include "tests/explore/explored.hpp"

namespace skald::sagas {
namespace {

const std::string kStep = R"(
steps:
  - id: pay
    http: { service: payment, method: POST, path: /payments }
)";
const std::string kOnce = "    retry: { maximumAttempts: 1 }\n";
const std::string kUndo = "    compensate: { http: { service: payment, method: POST, path: /refunds } }\n";
const std::string kNone = "    compensate: none\n";

// Done; refused or not reached: nothing to undo; no answer: its undo is done or refused, at once or when it
// is reached the second time.
TEST_CASE("explore: one step with an undo has seven histories") {
  const Exploration found = explored("saga: order\ncancelUntil: never" + kStep + kOnce + kUndo);
  CHECK_EQ(ends_of(found), Ends{{"completed", 1},
                                {"compensated", 2},
                                {"compensated, undo done", 2},
                                {"stuck in the undo of pay", 2}});
  CHECK_EQ(found.histories, 7);
  // Started, requested, failed, undo begun and requested, failed once, then given up and stuck.
  CHECK_EQ(found.longest_events, 8);
}

// In flight: done, refused, not reached, no answer; each of them also after a cancel that waits for it.
TEST_CASE("explore: a cancel comes at each point") {
  const Exploration found = explored("saga: order" + kStep + kOnce + kNone);
  CHECK_EQ(ends_of(found), Ends{{"completed", 1}, {"compensated", 3}, {"cancelled", 4}});
}

// At once: done, refused. After the first attempt failed, in one of two ways: done, refused, failed in one of
// two ways.
TEST_CASE("explore: a limit of five attempts leads where two do") {
  const std::string head = "saga: order\ncancelUntil: never" + kStep;
  const Exploration found = explored(head + kNone);
  CHECK_EQ(ends_of(found), Ends{{"completed", 3}, {"compensated", 7}});
  CHECK_EQ(ends_of(explored(head + "    retry: { maximumAttempts: 2 }\n" + kNone)), ends_of(found));
  CHECK_EQ(ends_of(explored(head + "    retry: { maximumAttempts: 0 }\n    totalTimeout: 1m\n" + kNone)),
           ends_of(found));
}

// Without a limit nothing is exhausted. An attempt that is not reached may be followed by one without answer.
TEST_CASE("explore: without a limit a step is done or refused in the end") {
  const Exploration found =
      explored("saga: order\ncancelUntil: never" + kStep + "    retry: { maximumAttempts: 0 }\n" + kNone);
  CHECK_EQ(ends_of(found), Ends{{"completed", 4}, {"compensated", 4}});
}

TEST_CASE("explore: the deadline strikes before what takes longer, and not before what does not") {
  const std::string steps = "cancelUntil: never\nsteps: [{ id: rest, wait: 1h }]\n";
  CHECK_EQ(ends_of(explored("saga: order\ntimeout: 30m\n" + steps)), Ends{{"compensated", 1}});
  CHECK_EQ(ends_of(explored("saga: order\ntimeout: 2h\n" + steps)), Ends{{"completed", 1}});
}

// As a cancel: four answers are awaited.
TEST_CASE("explore: the deadline strikes while a call is in flight") {
  const Exploration found = explored("saga: order\ncancelUntil: never\ntimeout: 1h" + kStep + kOnce + kNone);
  CHECK_EQ(ends_of(found), Ends{{"completed", 1}, {"compensated", 3 + 4}});
}

TEST_CASE("explore: an event comes or does not come") {
  const std::string head = "saga: order\ncancelUntil: never\nsteps: [{ id: paid, waitFor: { event: Paid";
  CHECK_EQ(ends_of(explored(head + ", timeout: 1d } }]")), Ends{{"completed", 1}, {"compensated", 1}});
  CHECK_EQ(ends_of(explored(head + ", timeout: 1d, onTimeout: continue } }]")), Ends{{"completed", 2}});
  CHECK_EQ(ends_of(explored(head + " } }]")), Ends{{"completed", 1}});
}

// Whoever answers first: done, then the other's four answers; or one of three failures, then the same four.
TEST_CASE("explore: branches answer in any order, and a failing one awaits the other") {
  const Exploration found = explored(R"(
saga: order
cancelUntil: never
steps:
  - id: both
    parallel:
      branches:
        one: [{ id: a, http: { service: s, method: POST, path: /a }, retry: { maximumAttempts: 1 }, compensate: none }]
        two: [{ id: b, http: { service: s, method: POST, path: /b }, retry: { maximumAttempts: 1 }, compensate: none }]
)");
  CHECK_EQ(ends_of(found), Ends{{"completed", 2}, {"compensated", 30}});
}

TEST_CASE("explore: each case of a switch is taken, and a list has none, one and two items") {
  const Exploration switched = explored(R"(
saga: order
cancelUntil: never
steps:
  - id: way
    switch:
      - when: ${ .input.weight > 30 }
        steps: [{ id: truck, set: {} }]
      - when: ${ .input.country == "IS" }
        steps: [{ id: ship, set: {} }]
      - steps: [{ id: van, set: {} }]
)");
  CHECK(switched.not_reached.empty());
  // One input for each way in which the two conditions come out.
  CHECK_EQ(ends_of(switched), Ends{{"completed", 4}});
  const Exploration listed = explored(R"(
saga: order
cancelUntil: never
steps: [{ id: lines, forEach: { in: "${ .input.lines }", as: line, steps: [{ id: line-set, set: { a: "${ .line.name }" } }] } }]
)");
  CHECK_EQ(ends_of(listed), Ends{{"completed", 3}});
}

TEST_CASE("explore: a case that no value reaches is told") {
  const Exploration found = explored(R"(
saga: order
cancelUntil: never
input: { schema: { type: object, properties: { left: { type: integer, minimum: 5 } } } }
steps: [{ id: sold-out, if: "${ .input.left == 0 }", fail: {} }, { id: sell, set: {} }]
)");
  CHECK_EQ(found.not_reached, std::vector<std::string>{"sold-out"});
}

TEST_CASE("explore: what a service answers decides as well as the input") {
  const Exploration found = explored(R"(
saga: order
cancelUntil: never
steps:
  - { id: check, http: { service: s, method: GET, path: /check }, retry: { maximumAttempts: 1 } }
  - { id: mail, if: "${ .steps.check.output.vip }", set: {} }
)");
  CHECK(found.not_reached.empty());
  CHECK_EQ(ends_of(found), Ends{{"completed", 2}, {"compensated", 3}});
}

TEST_CASE("explore: an event that is compared with what the saga knows can be made up") {
  const Exploration found = explored(R"(
saga: application
cancelUntil: never
steps:
  - id: decided
    waitFor: { event: Decided, where: "${ .event.data.about == .saga.id and .event.data.score > 3 }" }
)");
  CHECK(found.unmade.empty());
  CHECK_EQ(ends_of(found), Ends{{"completed", 1}});
}

TEST_CASE("explore: the same definition gives the same answer") {
  const std::string yaml = "saga: order\ntimeout: 1h" + kStep + kUndo;
  CHECK_EQ(exploration_text(explored(yaml), "f"), exploration_text(explored(yaml), "f"));
}

TEST_CASE("explore: above the bound histories with many troubles are left out, and that is told") {
  std::string yaml = "saga: order\nsteps:\n";
  for (const char* id : {"a", "b", "c", "d", "e", "f"})
    yaml += std::string("  - { id: ") + id +
            ", optional: true, compensate: none, http: { service: s, method: POST, path: /x } }\n";
  const core::Definition definition = loaded(yaml);
  WalkOptions options;
  options.most_situations = 1'000;
  const Exploration bounded = explore(definition, options);
  CHECK(bounded.complete);
  REQUIRE(bounded.most_troubles.has_value());
  CHECK_LT(bounded.histories, explore(definition).histories);
  CHECK_NE(exploration_text(bounded, "f").find("trouble"), std::string::npos);
  options.most_situations = 20;
  CHECK_FALSE(explore(definition, options).complete);
}

}  // namespace
}  // namespace skald::sagas
