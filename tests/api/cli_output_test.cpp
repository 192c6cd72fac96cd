#include "api/cli/output.hpp"

#include <doctest/doctest.h>

#include "api/cli/dev_banner.hpp"
#include "api/cli/saga_table.hpp"
#include "api/cli/yaml_text.hpp"
#include "sagas/example_input.hpp"
#include "sagas/schema.hpp"
#include "sagas/yaml.hpp"

using namespace skald;
using namespace skald::api;

namespace {

Json json(std::string_view text) {
  return *parse_json(text);
}

}  // namespace

TEST_CASE("output: a page is one JSON document, or a line for each of its items") {
  const Json page = json(R"({"items":[{"a":1.10},{"a":2}],"next":null})");
  CHECK(json(document_text(page, Format::Json)) == page);
  CHECK(document_text(page, Format::Jsonl) == "{\"a\":1.10}\n{\"a\":2}\n");
  CHECK(document_text(json("{\"a\":1}"), Format::Jsonl) == "{\"a\":1}\n");
}

TEST_CASE("output: YAML reads as the same document") {
  for (
      const char* text :
      {"{}", "[]", "null", "5", "\"\"",
       R"({"a":{"b":[]},"c":[{"d":1,"e":[1,[2,3],{"f":null}]},"x"],"g":true})",
       R"(["yes","no","null","~","1","1.5","2026-11-21","a: b","a #b","- a","#a","'a'","a\nb"," a","a ","*a","&a","!a","é","{","0x1f","a\tb"])",
       R"({"yes":"a","1":2,"a b":"it's","ä":"ö","a:":1,"":0})", R"([[1,2],[[]],[{}]])"}) {
    const Json value = json(text);
    sagas::FaultList faults("test");
    const auto read = sagas::Yaml::parse(yaml_text(value), faults);
    REQUIRE_MESSAGE(read, text);
    CHECK_MESSAGE(read->to_json() == value, yaml_text(value));
  }
}

TEST_CASE("output: YAML quotes no word that needs no quotes") {
  CHECK(yaml_text(json(R"({"status":"completed","items":[{"id":"a-1","count":2}],"none":[]})")) ==
        "status: completed\nitems:\n  - id: a-1\n    count: 2\nnone: []\n");
}

TEST_CASE("output: columns of a table are as wide as their longest cell, in characters") {
  CHECK(table_text({{"A", "LONG", "C"}, {{"1", "é", "3"}, {"22", "y", ""}}}) ==
        "A   LONG  C\n1   é     3\n22  y\n");
}

TEST_CASE("output: the story of a saga tells each event in words") {
  const Json events = json(R"([
    {"type":"SagaStarted","time":"2026-11-21T07:00:00.123456Z","position":"3-1","version":1,"by":"ann","input":{"n":1}},
    {"type":"StepRequested","time":"2026-11-21T07:00:00.2Z","step":"apply","request":{"method":"POST","service":"recruitment","path":"/applications"}},
    {"type":"AttemptFailed","time":"2026-11-21T07:00:01Z","step":"apply","attempt":1,"error":{"type":"timeout","title":"No answer"},"possiblyDone":true,"retryAt":"2026-11-21T07:00:02Z"},
    {"type":"StepSucceeded","time":"2026-11-21T07:00:02Z","step":"apply","attempts":2,"output":{"id":7}},
    {"type":"SagaEnded","time":"2026-11-21T07:00:03Z","status":"completed","undo":"none"},
    {"type":"Unheard","time":"2026-11-21T07:00:04Z","x":1}])");
  const auto story = story_text(events.as_array());
  for (const char* part :
       {"2026-11-21 07:00:00.123  SagaStarted", "started by ann with {\"n\":1}",
        "POST recruitment /applications", "attempt 1 failed, timeout: No answer, possibly done",
        "done after 2 attempts {\"id\":7}", "completed", "Unheard"})
    CHECK_MESSAGE(story.find(part) != std::string::npos, part);
}

TEST_CASE("output: a saga's table survives members that are missing or of another kind") {
  for (const char* text :
       {"{}", R"({"steps":5,"waitingFor":7,"error":"x","startedAt":3})", R"({"steps":[{}]})"})
    CHECK(!saga_table_text(json(text)).empty());
}

TEST_CASE("example: fits the schema it was made for") {
  for (
      const char* text :
      {R"({"type":"object","required":["applicantId","age"],"additionalProperties":false,"properties":{"applicantId":{"type":"string","minLength":20},"age":{"type":"integer","minimum":15}}})",
       R"({"type":"object","required":["a","b","c","d","e","f"],"properties":{"a":{"enum":["x","y"]},"b":{"const":5},"c":{"type":"boolean"},"d":{"type":"array","minItems":1,"items":{"type":"number","exclusiveMinimum":3}},"e":{"type":"string","format":"uuid"},"f":{"type":["null","string"]}}})",
       R"({"type":"object","required":["at","mail"],"properties":{"at":{"type":"string","format":"date-time"},"mail":{"type":"string","format":"email"}}})",
       R"({"type":"string","examples":["abc"],"pattern":"^abc$"})"}) {
    const auto schema = sagas::Schema::compile(json(text));
    REQUIRE(schema.has_value());
    const Json example = sagas::example_input(json(text));
    CHECK_MESSAGE(schema->validate(example).empty(), example.dump());
  }
}

TEST_CASE("example: a shell takes a quoted text as it is") {
  CHECK(shell_quoted("{\"a\":\"it's\"}") == "'{\"a\":\"it'\\''s\"}'");
}

TEST_CASE("dev: the commands to try are those whose inputs are given as examples, where any are") {
  const Json plain = json(R"({"type":"object"})"), shown = json(R"({"type":"object","examples":[{"a":7}]})");
  DevBanner banner{"http://127.0.0.1:8088", "host=/tmp", {{"plain", {"", plain, false}}}};
  CHECK(banner_text(banner).find("start plain --wait --input '{}'") != std::string::npos);
  banner.definitions["shown"] = {"", shown, false};
  banner.definitions["slow"] = {"", shown, true};
  const std::string text = banner_text(banner);
  CHECK(text.find("start plain") == std::string::npos);
  CHECK(text.find("start shown --wait --input '{\"a\":7}'") != std::string::npos);
  CHECK(text.find("start slow --input '{\"a\":7}'") != std::string::npos);  // somebody has to decide first
}
