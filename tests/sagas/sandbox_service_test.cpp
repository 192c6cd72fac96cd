#include <unistd.h>

#include "engine/base/json.hpp"
#include "tests/sagas/sandbox_stand.hpp"

namespace skald::sandbox {
namespace {

constexpr const char* kRooms = R"(
service: rooms
port: 8100
resources:
  room:
    key: number
    fields: { number: text, guest: optional text, price: optional number, nights: optional integer, vip: optional boolean }
    states:
      free: [taken, closed]
      taken: [free]
      closed: []
routes:
  - route: POST /rooms
    create: room
    set: ${ .request.body }
    find:
      same: { resource: room, where: { guest: "${ .request.body.guest }" } }
    refuse:
      - when: ${ (.found.same | length) > 1 }
        status: 422
        type: too-many
        title: Too many rooms
        detail: ${ .request.body.guest } has ${ .found.same | length } rooms
  - route: POST /rooms/{number}/take
    change: room
    to: taken
    set: { guest: "${ .request.body.guest }" }
    refuse:
      - { when: "${ .resource.price == null }", type: no-price, title: "Room ${ .resource.number } has no price" }
    answer: { now: "${ .resource.guest }", before: "${ .before.guest }" }
  - route: POST /rooms/{number}/leave
    change: room
    when: ${ .resource.guest == .request.body.guest }
    to: free
    set: { guest: "${ .action.before.guest }" }
  - route: POST /rooms/{number}/broken
    change: room
    to: closed
    answer: ${ 1 + "a" }
  - route: GET /rooms/{number}
    read: room
  - route: GET /rooms
    list: room
    where: { vip: true }
)";

constexpr const char* kRoom = R"({"number":"7","price":1.10,"nights":3,"vip":true})";
constexpr const char* kAnn = R"({"guest":"Ann"})";

Json body_of(const Reply& reply) {
  return parse_json(reply.body).value();
}
std::string problem_of(const Reply& reply) {
  return body_of(reply).get("type").as_string();
}
Json last(const Json::Array& items) {
  return items.back();
}

TEST_CASE("sandbox: a resource is created, read back with its types, and listed by its fields") {
  Stand rooms(kRooms);
  CHECK(rooms.ask("POST", "/rooms", kRoom).status == 201);
  CHECK(rooms.read("/rooms/7").dump() ==
        R"({"number":"7","guest":null,"price":1.1,"nights":3,"vip":true,"status":"free"})");
  CHECK(rooms.ask("POST", "/rooms", R"({"number":"8","vip":false})").status == 201);
  CHECK(rooms.read("/rooms").get("items").as_array().size() == 1);
  CHECK(problem_of(rooms.ask("POST", "/rooms", kRoom)) == "exists");
  CHECK(rooms.ask("GET", "/rooms/9").status == 404);
}

TEST_CASE("sandbox: what a request gives must fit the fields") {
  Stand rooms(kRooms);
  for (const char* body :
       {R"({"number":"7","nights":"three"})", R"({"number":"7","nights":1.5})", R"({"number":7})",
        R"({"number":""})", R"({"number":"7","colour":"red"})", R"({})", "[1]"}) {
    CAPTURE(body);
    const Reply reply = rooms.ask("POST", "/rooms", body);
    CHECK(reply.status == 422);
    CHECK(problem_of(reply) == "invalid-request");
  }
  CHECK(rooms.ask("POST", "/rooms", "{").status == 400);
  CHECK(rooms.read("/rooms").get("items").as_array().empty());
}

TEST_CASE(
    "sandbox: a path that is not there is 404, a method that is not there 405 and says which there are") {
  Stand rooms(kRooms);
  CHECK(rooms.ask("GET", "/tables").status == 404);
  const Reply reply = rooms.ask("DELETE", "/rooms");
  CHECK(reply.status == 405);
  CHECK(reply.headers == Fields{{"Allow", "POST, GET"}});
}

TEST_CASE("sandbox: rules refuse with their own status, type, title and detail") {
  Stand rooms(kRooms);
  for (const char* number : {"1", "2"})
    CHECK(
        rooms.ask("POST", "/rooms", std::string(R"({"guest":"Ann","number":")") + number + R"("})").status ==
        201);
  const Reply reply = rooms.ask("POST", "/rooms", R"({"guest":"Ann","number":"3"})");
  CHECK(reply.status == 422);
  CHECK(reply.content_type == "application/problem+json");
  CHECK(body_of(reply) == Json::object({{"type", "too-many"},
                                        {"title", "Too many rooms"},
                                        {"status", 422},
                                        {"detail", "Ann has 2 rooms"}}));
  CHECK(body_of(rooms.ask("POST", "/rooms/1/take", kAnn)).get("title") == Json("Room 1 has no price"));
}

TEST_CASE("sandbox: only declared transitions are possible, and one that was made already changes nothing") {
  Stand rooms(kRooms);
  rooms.ask("POST", "/rooms", kRoom);
  CHECK(body_of(rooms.ask("POST", "/rooms/7/take", kAnn)) == Json::object({{"now", "Ann"}, {"before", {}}}));
  CHECK(rooms.ask("POST", "/rooms/7/take", kAnn).status == 200);
  CHECK(last(rooms.ledger()).get("effect") == Json(false));
  const Reply reply = rooms.ask("POST", "/rooms/7/broken");
  CHECK(reply.status == 409);
  CHECK(problem_of(reply) == "not-possible");
}

TEST_CASE(
    "sandbox: an expression that fails after the effect takes the effect back, and the ledger says 500") {
  Stand rooms(kRooms);
  rooms.ask("POST", "/rooms", kRoom);
  CHECK(rooms.ask("POST", "/rooms/7/broken", "", {"s:close"}).status == 500);
  CHECK(rooms.read("/rooms/7").get("status") == Json("free"));
  CHECK(rooms.ledger("?key=s:close").at(0).get("answer") == Json(500));
  CHECK(rooms.ledger("?key=s:close").at(0).get("effect") == Json(false));
}

TEST_CASE("sandbox: the same key has its effect once and gets the same answer") {
  Stand rooms(kRooms);
  const Reply first = rooms.ask("POST", "/rooms", kRoom, {"s:reserve"});
  const Reply again = rooms.ask("POST", "/rooms", kRoom, {"s:reserve"});
  CHECK(first.status == 201);
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  CHECK(again.headers == Fields{{"Idempotency-Replayed", "true"}});
  const auto entries = rooms.ledger("?key=s:reserve");
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].get("effect") == Json(true));
  CHECK(entries[1].get("effect") == Json(false));
  CHECK(entries[1].get("replayed") == Json(true));
  CHECK(problem_of(rooms.ask("POST", "/rooms", R"({"number":"8"})", {"s:reserve"})) == "key-reused");
}

TEST_CASE("sandbox: requests of one commit are answered in their order, and see what those before them did") {
  Stand rooms(kRooms);
  const auto replies = rooms.ask_all({rooms.asked("POST", "/rooms", kRoom, {"s:reserve"}),
                                      rooms.asked("POST", "/rooms", kRoom, {"s:reserve"}),
                                      rooms.asked("POST", "/rooms/7/take", kAnn),
                                      rooms.asked("GET", "/rooms/7"), rooms.asked("GET", "/rooms/9")});
  REQUIRE(replies.size() == 5);
  CHECK(replies[0]->status == 201);
  CHECK(replies[1]->headers == Fields{{"Idempotency-Replayed", "true"}});
  CHECK(body_of(*replies[3]).get("guest") == Json("Ann"));
  CHECK(replies[4]->status == 404);
  CHECK(rooms.ledger().size() == 5);
}

TEST_CASE("sandbox: one that fails after its effect takes nothing of the others of its commit with it") {
  Stand rooms(kRooms);
  rooms.ask("POST", "/rooms", kRoom);
  const auto replies = rooms.ask_all({rooms.asked("POST", "/rooms", R"({"number":"8"})", {"s:eight"}),
                                      rooms.asked("POST", "/rooms/7/broken", "", {"s:close"}),
                                      rooms.asked("POST", "/rooms", R"({"number":"9"})", {"s:nine"})});
  CHECK(replies[0]->status == 201);
  CHECK(replies[1]->status == 500);
  CHECK(replies[2]->status == 201);
  CHECK(rooms.read("/rooms/7").get("status") == Json("free"));
  CHECK(rooms.ledger("?key=s:eight").size() == 1);
  CHECK(rooms.ledger("?key=s:nine").at(0).get("effect") == Json(true));
  CHECK(rooms.ledger("?key=s:close").at(0).get("answer") == Json(500));
}

TEST_CASE("sandbox: a refusal is not kept, so the same key may succeed when the reason is gone") {
  Stand rooms(kRooms);
  CHECK(rooms.ask("POST", "/rooms/7/take", kAnn, {"s:take"}).status == 404);
  rooms.ask("POST", "/rooms", kRoom);
  CHECK(rooms.ask("POST", "/rooms/7/take", kAnn, {"s:take"}).status == 200);
}

TEST_CASE(
    "sandbox: an undo knows what was before its action, marks the resource, and comes twice to the same "
    "answer") {
  Stand rooms(kRooms);
  rooms.ask("POST", "/rooms", R"({"number":"7","price":1,"guest":"Bob"})");
  rooms.ask("POST", "/rooms/7/take", kAnn, {"s:take"});
  const Reply undone = rooms.ask("POST", "/rooms/7/leave", kAnn, {"s:take:undo", "compensate"});
  CHECK(undone.status == 200);
  CHECK(rooms.read("/rooms/7").get("guest") == Json("Bob"));
  CHECK(rooms.read("/rooms/7").get("status") == Json("free"));
  const Reply again = rooms.ask("POST", "/rooms/7/leave", kAnn, {"s:take:undo", "compensate"});
  CHECK(again.body == undone.body);
  CHECK(last(rooms.ledger()).get("replayed") == Json(true));
}

TEST_CASE("sandbox: an action whose key was undone has no effect any more and is answered 409") {
  Stand rooms(kRooms);
  rooms.ask("POST", "/rooms", kRoom);
  rooms.ask("POST", "/rooms/7/take", kAnn, {"s:take"});
  rooms.ask("POST", "/rooms/7/leave", kAnn, {"s:take:undo", "compensate"});
  CHECK(problem_of(rooms.ask("POST", "/rooms/7/take", kAnn, {"s:take"})) == "undone");
  CHECK(rooms.read("/rooms/7").get("status") == Json("free"));
}

TEST_CASE("sandbox: an undo of a key never seen is answered 404, and the action that comes later 409") {
  Stand rooms(kRooms);
  rooms.ask("POST", "/rooms", kRoom);
  for (int i = 0; i < 2; ++i)
    CHECK(problem_of(rooms.ask("POST", "/rooms/7/leave", kAnn, {"s:take:undo", "compensate"})) ==
          "never-done");
  const Reply late = rooms.ask("POST", "/rooms/7/take", kAnn, {"s:take"});
  CHECK(late.status == 409);
  CHECK(rooms.read("/rooms/7").get("status") == Json("free"));
}

TEST_CASE("sandbox: an undo that would change nothing because of its condition is done all the same") {
  Stand rooms(kRooms);
  rooms.ask("POST", "/rooms", kRoom);
  rooms.ask("POST", "/rooms/7/take", kAnn, {"s:take"});
  CHECK(rooms.ask("POST", "/rooms/7/leave", R"({"guest":"Bob"})", {"s:take:undo", "compensate"}).status ==
        200);
  CHECK(rooms.read("/rooms/7").get("guest") == Json("Ann"));
  CHECK(rooms.ask("POST", "/rooms/7/take", kAnn, {"s:take"}).status == 409);
}

TEST_CASE(
    "sandbox: an undo never passes for done where its path is wrong: 404 is kept for what was never done") {
  Stand rooms(kRooms);
  rooms.ask("POST", "/rooms", kRoom, {"s:add"});
  CHECK(rooms.ask("POST", "/rooms/7/annul", "", {"s:add:undo", "compensate"}).status == 400);
  CHECK(rooms.ask("POST", "/rooms/70/broken", "", {"s:add:undo", "compensate"}).status == 409);
  CHECK(rooms.ask("POST", "/rooms/7/leave", "", {"s:add", "compensate"}).status == 400);
}

TEST_CASE("sandbox: the ledger shows every request of a saga in order, and pages") {
  Stand rooms(kRooms);
  rooms.ask("POST", "/rooms", kRoom, {"one:reserve"});
  rooms.ask("POST", "/rooms", R"({"number":"8"})", {"two:reserve"});
  rooms.ask("POST", "/rooms", "{", {"one:reserve"});
  rooms.ask("GET", "/nowhere");
  CHECK(rooms.ledger().size() == 4);
  const auto one = rooms.ledger("?saga=one");
  REQUIRE(one.size() == 2);
  CHECK(one[0] ==
        parse_json(R"({"number":1,"time":"1970-01-01T00:00:01Z","key":"one:reserve","operation":"action",
    "attempt":1,"saga":"one","sagaName":"orders","step":"reserve","method":"POST","path":"/rooms","answer":201,
    "effect":true,"replayed":false,"fault":null})")
            .value());
  CHECK(one[1].get("answer") == Json(400));
  const Json page = rooms.read("/_ledger?limit=3");
  CHECK(page.get("next") == Json(3));
  CHECK(rooms.ledger("?after=3").size() == 1);
  CHECK(rooms.ask("GET", "/_ledger?sga=one").status == 422);
  CHECK(rooms.ask("POST", "/_ledger").status == 405);
}

TEST_CASE("sandbox: headers that are no words of a saga's call are refused, and the ledger stays readable") {
  Stand rooms(kRooms);
  CHECK(rooms.ask("POST", "/rooms", kRoom, {"s:\xff"}).status == 400);
  CHECK(rooms.ask("POST", "/rooms", kRoom, {"s:reserve", "repeat"}).status == 400);
  CHECK(rooms.ledger().size() == 2);
  CHECK(rooms.read("/rooms").get("items").as_array().empty());
}

TEST_CASE("sandbox: what had an effect is there after a restart, and so is the memory of keys") {
  const auto file =
      std::filesystem::temp_directory_path() / ("sandbox_restart_" + std::to_string(getpid()) + ".sqlite");
  std::filesystem::remove(file);
  { Stand(kRooms, file).ask("POST", "/rooms", kRoom, {"s:reserve"}); }
  {
    Stand again(kRooms, file);
    CHECK(again.read("/rooms/7").get("vip") == Json(true));
    again.ask("POST", "/rooms", kRoom, {"s:reserve"});
    CHECK(last(again.ledger("?key=s:reserve")).get("replayed") == Json(true));
  }
  {
    std::string wider = kRooms;
    wider.replace(wider.find("vip: optional boolean"), 21, "vip: optional boolean, view: optional text");
    CHECK(Stand(wider, file).read("/rooms/7").get("view").is_null());
  }
  for (const char* rest : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + rest);
}

}  // namespace
}  // namespace skald::sandbox
