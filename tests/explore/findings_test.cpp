// Planted flaws, and what exploring says of them.
#include <doctest/doctest.h>

#include "tests/explore/explored.hpp"

namespace skald::sagas {
namespace {

// Two steps; the first one's undo is what the case gives.
std::string two_steps(const std::string& head, const std::string& undo) {
  return "saga: order\ncancelUntil: never\n" + head + R"(
steps:
  - id: reserve
    http: { service: stock, method: POST, path: /reservations }
    retry: { maximumAttempts: 1 }
    )" + undo +
         R"(
  - id: pay
    http: { service: payment, method: POST, path: /payments }
    retry: { maximumAttempts: 1 }
    compensate: none
)";
}

const std::string kGoodUndo =
    "compensate: { http: { service: stock, method: DELETE, path: \"/reservations/${ .saga.id }\" } }";
const std::string kNeedyUndo =
    "compensate: { http: { service: stock, method: DELETE, path: \"/reservations/${ .steps.reserve.output.id "
    "}\" } }";

TEST_CASE("findings: an undo that is refused leaves the saga stuck, as the definition says") {
  const Exploration found = explored(two_steps("", kGoodUndo));
  CHECK_FALSE(found.surprises());
  const Finding refused = finding(found, "the undo of 'reserve' is refused");
  CHECK_EQ(refused.said_by, "compensation.onFailure: stuck");
  // Of reserve without an answer, or of pay that fails in one of three ways; refused at once, or at the
  // second try.
  CHECK_EQ(refused.histories, 4 * 2);
  CHECK_EQ(refused.story, std::vector<std::string>{"reserve: no answer", "undo of reserve: refused"});
  CHECK_EQ(refused.stays, std::vector<std::string>{"reserve (POST stock/reservations, possibly done)"});
}

TEST_CASE("findings: an undo that is given up is passed over, as onFailure: continue says") {
  const Exploration found = explored(two_steps("compensation: { onFailure: continue }", kGoodUndo));
  CHECK_FALSE(found.surprises());
  CHECK_EQ(finding(found, "the undo of 'reserve' is refused").said_by, "compensation.onFailure: continue");
  CHECK_EQ(ends_of(found).count("failed, undo partial"), 1);
}

TEST_CASE("findings: what says compensate: none stays, in one story for all") {
  const Exploration found = explored(two_steps("", "compensate: none"));
  CHECK_FALSE(found.surprises());
  const Finding kept = finding(found, "what needs no undo stays");
  CHECK_EQ(kept.said_by, "compensate: none");
  CHECK_EQ(found.findings.size(), 1);
  // reserve without an answer; pay that fails in three ways, with reserve done.
  CHECK_EQ(kept.histories, 4);
}

TEST_CASE("findings: an undo that needs an answer which may not exist is a surprise") {
  const Exploration found = explored(two_steps("", kNeedyUndo));
  CHECK(found.surprises());
  const Finding needy = finding(found, "the undo of 'reserve' cannot be written");
  CHECK(needy.said_by.empty());
  CHECK_EQ(needy.story, std::vector<std::string>{"reserve: no answer"});
  CHECK_EQ(found.findings.front().what, needy.what);
}

TEST_CASE("findings: with a default for the answer that may not exist there is no surprise") {
  std::string undo = kNeedyUndo;
  undo.replace(undo.find(".output.id"), 10, ".output.id // .saga.id");
  CHECK_FALSE(explored(two_steps("", undo)).surprises());
}

// The loader refuses it; a definition from elsewhere is explored all the same.
TEST_CASE("findings: an unknown outcome without an undo is a surprise") {
  core::Definition definition = loaded(two_steps("", "compensate: none"));
  definition.steps[0].keeps_effect = false;
  const Exploration found = explore(definition);
  CHECK(found.surprises());
  const Finding forgotten = finding(found, "'reserve' stays in a saga that is undone");
  CHECK_EQ(forgotten.story, std::vector<std::string>{"reserve: no answer"});
  CHECK_EQ(forgotten.histories, 4);
}

TEST_CASE("findings: behind a pivot that was skipped, what has no undo stays as a surprise") {
  const Exploration found = explored(R"(
saga: order
input: { schema: { type: object, required: [total], properties: { total: { type: number } } } }
steps:
  - { id: pay, if: "${ .input.total > 0 }", http: { service: payment, method: POST, path: /payments }, pivot: true }
  - { id: ship, http: { service: shipping, method: POST, path: /parcels } }
)");
  CHECK_EQ(found.inputs, 2);
  const Finding left = finding(found, "'ship' stays in a saga that is undone");
  CHECK(left.said_by.empty());
  CHECK_EQ(left.story,
           std::vector<std::string>{"started with {\"total\":0}", "ship: no answer", "cancelled"});
}

TEST_CASE("findings: a refusal behind the pivot is stuck, as the pivot says") {
  const Exploration found = explored(R"(
saga: order
steps:
  - { id: pay, http: { service: payment, method: POST, path: /payments }, pivot: true }
  - { id: ship, http: { service: shipping, method: POST, path: /parcels } }
)");
  CHECK_FALSE(found.surprises());
  CHECK_EQ(finding(found, "'ship' is given up where there is no way back").said_by, "pivot: pay");
}

TEST_CASE("findings: what can be taken back for ever and has no undo behind the pivot is a surprise") {
  const Exploration found = explored(R"(
saga: order
cancelUntil: forever
steps:
  - { id: pay, http: { service: payment, method: POST, path: /payments }, pivot: true }
)");
  const Finding left = finding(found, "'pay' stays in a saga that is undone");
  CHECK_EQ(left.story.back(), "cancelled");
}

TEST_CASE("findings: an output of the saga that needs what was skipped is a surprise behind the pivot") {
  const std::string yaml = R"(
saga: order
steps:
  - { id: pay, http: { service: payment, method: POST, path: /payments }, pivot: true }
  - { id: mail, http: { service: mail, method: POST, path: /mails }, optional: true, retry: { maximumAttempts: 1 } }
output: { sent: "at ${ .steps.mail.output.time }" }
)";
  const Exploration found = explored(yaml);
  CHECK(finding(found, "the output of the saga cannot be written").said_by.empty());
}

TEST_CASE("findings: an optional step that is given up may be done all the same") {
  const Exploration found = explored(R"(
saga: order
cancelUntil: never
steps:
  - id: mail
    http: { service: mail, method: POST, path: /mails }
    optional: true
    retry: { maximumAttempts: 1 }
    compensate: none
)");
  const Finding mail = finding(found, "an optional step is given up");
  CHECK_EQ(mail.said_by, "optional: true");
  CHECK_EQ(mail.histories, 1);
  CHECK_EQ(ends_of(found), Ends{{"completed", 4}});
}

TEST_CASE("findings: a child past its pivot leaves its parent stuck, unless it declares what is done then") {
  const std::string child =
      "saga: parent\ncancelUntil: never\nsteps:\n  - id: ship\n    saga: { name: shipping }\n";
  const std::string then = "  - { id: no, fail: {} }\n";
  const Exploration bare = explored(child + then);
  CHECK_EQ(finding(bare, "the child of 'ship' cannot be undone any more").said_by,
           "compensation.onFailure: stuck");
  const Exploration declared =
      explored(child + "    compensate: { emit: { event: SendBack, key: \"${ .saga.id }\" } }\n" + then);
  CHECK(declared.findings.empty());
}

TEST_CASE("findings: values that cannot be made up are told, and are no surprise") {
  const Exploration found = explored(R"(
saga: order
cancelUntil: never
steps:
  - { id: ask, http: { service: s, method: GET, path: /a } }
  - { id: note, set: { at: "${ .steps.ask.output.text | fromjson }" } }
)");
  CHECK_FALSE(found.surprises());
  REQUIRE_EQ(found.unmade.size(), 1);
  CHECK(found.unmade[0].starts_with("note: "));
}

}  // namespace
}  // namespace skald::sagas
