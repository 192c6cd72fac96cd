#include "api/http/query.hpp"

#include <doctest/doctest.h>

#include "api/http/patience.hpp"
#include "engine/base/json.hpp"

using namespace skald;
using namespace skald::api;

namespace {

Request with(Fields query, Fields headers = {}) {
  Request request;
  request.query = std::move(query);
  request.headers = std::move(headers);
  return request;
}

std::string detail(const std::optional<Response>& response) {
  if (!response) return "";
  return parse_json(response->body)->get("detail").as_string();
}

}  // namespace

TEST_CASE("query: values are read as what they are") {
  const auto request = with({{"name", "order"},
                             {"limit", "7"},
                             {"status", "running,stuck"},
                             {"status", "failed"},
                             {"startedAfter", "2026-11-21T08:00:00+01:00"},
                             {"wait", "250ms"},
                             {"verbose", ""}});
  Query query(request);
  CHECK(query.text("name") == "order");
  CHECK(query.integer("limit", {1, 10}) == 7);
  CHECK(query.list("status") == std::vector<std::string>{"running", "stuck", "failed"});
  CHECK(to_rfc3339(*query.time("startedAfter")) == "2026-11-21T07:00:00Z");
  CHECK(query.duration("wait", std::chrono::seconds(1)) == Duration(250'000));
  CHECK(query.flag("verbose"));
  CHECK(!query.fault());
}

TEST_CASE("query: what is not given is nothing") {
  const auto request = with({});
  Query query(request);
  CHECK(!query.text("name"));
  CHECK(!query.integer("limit", {1, 10}));
  CHECK(query.list("status").empty());
  CHECK(!query.flag("verbose"));
  CHECK(!query.fault());
}

TEST_CASE("query: an unknown parameter is refused and the known ones are named") {
  const auto request = with({{"limt", "7"}});
  Query query(request);
  query.integer("limit", {1, 10});
  query.text("cursor");
  const auto fault = query.fault();
  REQUIRE(fault);
  CHECK(fault->status == 400);
  CHECK(detail(fault) == "limt: known here: cursor, limit");
  CHECK(parse_json(fault->body)->get("parameter") == Json("limt"));
}

TEST_CASE("query: unreadable values, values out of range and repetitions are refused") {
  for (const Fields& fields : std::vector<Fields>{{{"limit", "0"}},
                                                  {{"limit", "11"}},
                                                  {{"limit", "7x"}},
                                                  {{"limit", ""}},
                                                  {{"limit", "99999999999999999999"}},
                                                  {{"limit", "7"}, {"limit", "7"}}}) {
    const auto request = with(fields);
    Query query(request);
    query.integer("limit", {1, 10});
    CHECK(query.fault());
  }
  const auto time = with({{"at", "2026-11-21T08:00:00 01:00"}});
  Query query(time);
  query.time("at");
  CHECK(detail(query.fault()).find("%2B") != std::string::npos);
}

TEST_CASE("patience: comes from ?wait= or from Prefer, and the query wins") {
  const auto patience = [](const Request& request) {
    Query query(request);
    return read_patience(request, query);
  };
  CHECK(patience(with({{"wait", "2s"}})).wait == Duration(2'000'000));
  CHECK(patience(with({}, {{"Prefer", "respond-async, wait=10"}})).wait == Duration(10'000'000));
  CHECK(patience(with({}, {{"prefer", "WAIT = 10"}})).preferred_seconds == "10");
  CHECK(patience(with({{"wait", "2s"}}, {{"Prefer", "wait=10"}})).wait == Duration(2'000'000));
  CHECK(!patience(with({{"wait", "2s"}}, {{"Prefer", "wait=10"}})).preferred);
  CHECK(!patience(with({}, {{"Prefer", "wait=soon"}})).wait);
  CHECK(!patience(with({}, {{"Prefer", "return=minimal"}})).wait);
  CHECK(patience(with({}, {{"Prefer", "wait=999999999"}})).wait == kLongestPatience);
}

TEST_CASE("patience: a wait that cannot be read or is too long is a fault of the query") {
  for (const char* wait : {"10", "soon", "6m", "-1s"}) {
    const auto request = with({{"wait", wait}});
    Query query(request);
    read_patience(request, query);
    CHECK_MESSAGE(query.fault(), wait);
  }
}
