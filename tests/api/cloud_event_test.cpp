#include "api/http/cloud_event.hpp"

#include <doctest/doctest.h>

using namespace skald;
using namespace skald::api;

namespace {

// Definitions start on orders alone.
bool starts(const std::string& type) {
  return type == "order";
}

CloudEvents one(std::string_view text) {
  return read_cloud_event(*parse_json(text), starts);
}
CloudEvents batch(std::string_view text) {
  return read_cloud_event_batch(*parse_json(text), starts);
}

std::vector<std::string> pointers(const CloudEvents& read) {
  std::vector<std::string> all;
  for (const auto& fault : read.faults) all.push_back(fault.pointer);
  return all;
}

}  // namespace

TEST_CASE(
    "cloud event: id, source, type, subject and data are read, what else the standard knows is let be") {
  const auto read = one(
      R"({"specversion":"1.0","id":"7","source":"/shop","type":"payment","subject":"ann","time":"2026-11-21T07:00:00Z",
          "datacontenttype":"application/json","dataschema":"https://example.com/s","traceparent":"00-ab","data":{"paid":1.10}})");
  REQUIRE(pointers(read).empty());
  CHECK(read.events.size() == 1);
  CHECK(read.events[0].id == "7");
  CHECK(read.events[0].source == "/shop");
  CHECK(read.events[0].type == "payment");
  CHECK(read.events[0].subject == "ann");
  CHECK(read.events[0].data.dump() == "{\"paid\":1.10}");
}

TEST_CASE("cloud event: every fault is told with its pointer") {
  CHECK(pointers(one("{}")) ==
        std::vector<std::string>{"/id", "/source", "/type", "/specversion", "/subject"});
  CHECK(pointers(one("7")) == std::vector<std::string>{""});
  CHECK(
      pointers(one(
          R"({"specversion":"0.3","id":7,"source":"","type":"payment","subject":5,"time":"noon","data_base64":"AA=="})")) ==
      std::vector<std::string>{"/id", "/source", "/specversion", "/subject", "/time", "/data_base64"});
  const std::string longest = std::string(1'001, 'x');
  CHECK(pointers(one(R"({"specversion":"1.0","id":")" + longest + R"(","source":"s","type":"order"})")) ==
        std::vector<std::string>{"/id"});
}

TEST_CASE("cloud event: only an event that definitions start on may come without a subject") {
  CHECK(pointers(one(R"({"specversion":"1.0","id":"1","source":"s","type":"order"})")).empty());
  CHECK(pointers(one(R"({"specversion":"1.0","id":"1","source":"s","type":"payment"})")) ==
        std::vector<std::string>{"/subject"});
}

TEST_CASE("cloud event: the faults of a batch name the event they are in") {
  CHECK(batch("[]").faults.empty());
  CHECK(pointers(batch("{}")) == std::vector<std::string>{""});
  const auto read = batch(R"([{"specversion":"1.0","id":"1","source":"s","type":"order"},
                              {"specversion":"1.0","id":"2","type":"order"}, null])");
  CHECK(pointers(read) == std::vector<std::string>{"/1/source", "/2"});
  Json::Array many(1'001,
                   Json::object({{"specversion", "1.0"}, {"id", "1"}, {"source", "s"}, {"type", "order"}}));
  CHECK(pointers(read_cloud_event_batch(many, starts)) == std::vector<std::string>{""});
  many.pop_back();
  CHECK(read_cloud_event_batch(many, starts).events.size() == 1'000);
}

TEST_CASE("cloud event: attributes may come in headers, with what is no ASCII percent-encoded") {
  Request request;
  request.headers = {{"ce-specversion", "1.0"},
                     {"Ce-Id", "7"},
                     {"ce-source", "/shop"},
                     {"ce-type", "payment"},
                     {"ce-subject", "J%C3%BCrgen"}};
  CHECK(has_event_in_headers(request));
  const auto read = read_cloud_event(event_from_headers(request, Json("paid")), starts);
  REQUIRE(pointers(read).empty());
  CHECK(read.events[0].subject == "Jürgen");
  CHECK(read.events[0].data == Json("paid"));
  request.headers[1].second = "%ZZ";
  CHECK(pointers(read_cloud_event(event_from_headers(request, {}), starts)) ==
        std::vector<std::string>{"/id"});
  CHECK(!has_event_in_headers(Request{}));
}
