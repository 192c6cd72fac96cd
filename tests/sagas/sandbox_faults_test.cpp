#include <algorithm>

#include "tests/sagas/sandbox_stand.hpp"

namespace skald::sandbox {
namespace {

constexpr const char* kNotes = R"(
service: notes
port: 8100
resources:
  note:
    fields: { id: text }
    states: { open: [gone], gone: [] }
routes:
  - { route: POST /notes, create: note, set: "${ .request.body }" }
  - { route: "POST /notes/{id}/cancel", change: note, to: gone }
  - { route: GET /notes, list: note }
)";

std::string note(int id) {
  return R"({"id":")" + std::to_string(id) + R"("})";
}

std::size_t notes_in(Stand& notes) {
  notes.ask("DELETE", "/_faults");
  return notes.read("/notes").get("items").as_array().size();
}

Json first_fault(Stand& notes) {
  return notes.read("/_faults").get("faults").as_array().at(0);
}

TEST_CASE("faults: a status is answered in the place of the effect, and the ledger names the fault") {
  Stand notes(kNotes);
  CHECK(notes.ask("PUT", "/_faults", R"({"status":503})").status == 200);
  CHECK(notes.ask("POST", "/notes", note(1), {"s:add"}).status == 503);
  CHECK(notes_in(notes) == 0);
  const Json entry = notes.ledger("?key=s:add").at(0);
  CHECK(entry.get("answer") == Json(503));
  CHECK(entry.get("effect") == Json(false));
  CHECK(entry.get("fault") == Json("status 503"));
}

TEST_CASE("faults: after the effect, a status hides what was done, and the repetition is told") {
  Stand notes(kNotes);
  notes.ask("PUT", "/_faults", R"({"status":500,"afterEffect":true,"times":1})");
  CHECK(notes.ask("POST", "/notes", note(1), {"s:add"}).status == 500);
  CHECK(notes.ask("POST", "/notes", note(1), {"s:add"}).status == 201);
  CHECK(notes_in(notes) == 1);
  const auto entries = notes.ledger("?key=s:add");
  CHECK(entries.at(0).get("effect") == Json(true));
  CHECK(entries.at(0).get("answer") == Json(500));
  CHECK(entries.at(1).get("replayed") == Json(true));
}

TEST_CASE("faults: a drop gives no answer, before the effect or after it") {
  Stand notes(kNotes);
  notes.ask("PUT", "/_faults", R"([{"drop":true,"times":1},{"drop":true,"afterEffect":true}])");
  CHECK_FALSE(notes.try_ask("POST", "/notes", note(1), {"s:one"}));
  CHECK_FALSE(notes.try_ask("POST", "/notes", note(2), {"s:two"}));
  CHECK(notes_in(notes) == 1);
  CHECK(notes.ledger("?key=s:one").at(0).get("effect") == Json(false));
  CHECK(notes.ledger("?key=s:two").at(0).get("effect") == Json(true));
  CHECK(notes.ledger("?key=s:two").at(0).get("answer").is_null());
}

TEST_CASE("faults: latency alone changes neither effect nor answer; waiting is the host's part") {
  Stand notes(kNotes);
  notes.ask("PUT", "/_faults", R"({"latency":"2s"})");
  CHECK(notes.ask("POST", "/notes", note(1), {"s:add"}).status == 201);
  CHECK(notes.ledger("?key=s:add").at(0).get("fault") == Json("latency 2s"));
}

TEST_CASE("faults: match is a part of method, path and operation; own routes are never hit") {
  Stand notes(kNotes);
  for (const auto& [match, hit] :
       {std::pair("POST /notes", true), std::pair("/notes/1/cancel compensate", false),
        std::pair("action", true), std::pair("GET", false)}) {
    CAPTURE(match);
    notes.ask("PUT", "/_faults", Json::object({{"match", match}, {"status", 418}}).dump());
    CHECK((notes.ask("POST", "/notes", note(1)).status == 418) == hit);
    CHECK(first_fault(notes).get("hits") == Json(hit ? 1 : 0));
  }
}

TEST_CASE("faults: the rate is a share of the requests, the same ones in every run") {
  Stand notes(kNotes);
  const auto pattern = [&] {
    notes.ask("PUT", "/_faults", R"({"match":"GET","status":418,"rate":0.25})");
    std::string hits;
    for (int i = 0; i < 400; ++i) hits += notes.ask("GET", "/notes").status == 418 ? 'x' : '.';
    return hits;
  };
  const std::string first = pattern();
  const auto struck = std::count(first.begin(), first.end(), 'x');
  CHECK(struck > 70);
  CHECK(struck < 130);
  CHECK(pattern() == first);
}

TEST_CASE("faults: what is no fault is refused, and those before stay") {
  Stand notes(kNotes);
  notes.ask("PUT", "/_faults", R"({"status":503})");
  for (const char* body :
       {R"({})", R"({"status":1000})", R"({"latency":"soon"})", R"({"latency":5})",
        R"({"rate":2,"drop":true})", R"({"drop":"yes"})", R"({"times":0,"drop":true})", R"({"statuss":503})",
        R"("drop")", R"({"drop":true,"status":503})", R"([{"status":503},{}])"}) {
    CAPTURE(body);
    CHECK(notes.ask("PUT", "/_faults", body).status == 422);
  }
  CHECK(notes.ask("PUT", "/_faults", "{").status == 400);
  CHECK(first_fault(notes).get("status") == Json(503));
}

}  // namespace
}  // namespace skald::sandbox
