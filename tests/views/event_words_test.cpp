// The words of events are those of the core.
#include "projections/event_words.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace skald::views;

namespace {

bool has(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

TEST_CASE("event words: every event of semantics.md section 1 is there with its fields") {
  CHECK(event_types().size() == 18);
  CHECK(has(event_types(), "SagaStarted"));
  CHECK(has(event_types(), "SagaEnded"));
  for (const char* field :
       {"input", "definition", "businessKey", "startKey", "by", "parent", "cause", "time"})
    CHECK(has(event_fields("SagaStarted"), field));
  for (const std::string& type : event_types())
    for (const char* common : {"type", "time", "position"}) CHECK(has(event_fields(type), common));
  CHECK(event_fields("Nothing").empty());
}

TEST_CASE("event words: requests and parents have known members, outputs may hold anything") {
  CHECK(fields_inside("request") == std::vector<std::string>{"method", "service", "path", "queue", "child",
                                                             "definition", "event", "key", "data", "items"});
  CHECK(fields_inside("parent") == std::vector<std::string>{"saga", "step"});
  CHECK(fields_inside("output").empty());
}
