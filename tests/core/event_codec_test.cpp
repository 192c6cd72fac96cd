#include "engine/core/event_codec.hpp"

#include <doctest/doctest.h>

#include <set>
#include <vector>

namespace skald::core {
namespace {

Problem full_problem() {
  Problem problem = make_problem("https://school.example/full", "Everything is taken");
  problem.status = 422;
  problem.step = "enroll";
  problem.by = "ann";
  problem.event = "closed";
  problem.extensions = Json::object({{"seats", 30}, {"instance", "/courses/7"}});
  return problem;
}

Parent some_parent() {
  return {parse_saga_id("0198c1f2-0000-7000-8000-000000000007").value(), "lines[3].reserve"};
}

// Every kind of event, once with everything it may hold and once with as little as possible.
std::vector<Fact> facts() {
  const Json value = parse_json(R"({"text":"a \"b\" \n ä","price":1.10,"list":[null,true]})").value();
  const Timestamp at{1'767'225'600'123'456};
  const RequestSummary request{"POST", "enrollment", "/enrollments", "",          std::nullopt, "",
                               "",     "",           Json(),         std::nullopt};
  RequestSummary full = request;
  full.queue = "packing";
  full.child = some_parent().saga;
  full.definition = "shipment";
  full.event = "Shipped";
  full.key = "key";
  full.data = value;
  full.items = 0;
  const Problem error = full_problem();
  return {
      SagaStarted{value, "ab12", "key", "start", "cd34", "ann", some_parent(), value, 3},
      SagaStarted{Json(), "ab12", "key", std::nullopt, "", "", std::nullopt, Json()},
      StepRequested{"enroll", "http", request},
      StepRequested{"enroll", "http", full},
      StepRequested{"values", "set", {}},
      StepWaiting{"enroll", "timer", at},
      StepWaiting{"enroll", "event", std::nullopt},
      EventReceived{"Paid", value, "7", "shop", "key"},
      EventReceived{"Paid", Json(), "", "", ""},
      RetryRequested{"enroll", "ann", "it is back"},
      RetryRequested{"", "", ""},
      SagaPaused{"ann", "night"},
      SagaPaused{"", ""},
      SagaResumed{"ann", "day"},
      SagaResumed{"", ""},
      StepAccepted{"enroll", Operation::Compensate, "/jobs/1"},
      AttemptFailed{"enroll", Operation::Action, 3, error, true, at},
      StepSucceeded{"enroll", 1, value, 7},
      StepSucceeded{"enroll", 4'294'967'295, Json(), std::nullopt},
      StepFailed{"enroll", 2, error, true, true},
      StepFailed{"enroll", 0, make_problem("expression", ""), false, false},
      StepSkipped{"enroll", "operator", value, "ann"},
      StepSkipped{"enroll", "if", Json(), ""},
      CompensationStarted{error, "ann", true},
      CompensationStarted{error, "", false},
      CompensationRequested{"enroll", "http", request},
      StepCompensated{"enroll", 2, value, false, 404},
      StepCompensated{"enroll", 1, Json(), true, std::nullopt},
      CompensationFailed{"enroll", 7, error},
      SagaStuck{"enroll", Operation::Compensate, error},
      SagaStuck{"", Operation::Action, error},
      SagaEnded{"failed", "partial", value, error, "ann"},
      SagaEnded{"completed", "none", Json(), std::nullopt, ""},
  };
}

std::string refusal(std::string_view type, const char* payload) {
  const auto fact = fact_from(type, parse_json(payload).value());
  return fact ? "" : fact.error().message;
}

}  // namespace

TEST_CASE("codec: every event is read back as it was written") {
  std::set<std::string_view> types;
  for (const Fact& fact : facts()) {
    const std::string text = payload_of(fact).dump();
    CAPTURE(text);
    const auto read = fact_from(type_name(fact), parse_json(text).value());
    REQUIRE(read.has_value());
    CHECK(*read == fact);
    types.insert(type_name(fact));
  }
  CHECK(types.size() == std::variant_size_v<Fact>);
}

TEST_CASE("codec: members that say nothing are left out") {
  CHECK(payload_of(SagaEnded{"completed", "none", Json(), std::nullopt, ""}).dump() ==
        R"({"status":"completed","undo":"none"})");
  CHECK(
      payload_of(StepFailed{"a", 1, make_problem("rejected", ""), false, false}).dump() ==
      R"({"step":"a","attempts":1,"error":{"type":"rejected","title":"The service refused"},"possiblyDone":false})");
}

TEST_CASE("codec: a time is written as RFC 3339 and a request by its parts") {
  CHECK(
      payload_of(AttemptFailed{"a", Operation::Action, 1, Problem(), true, Timestamp{1'500'000}}).dump() ==
      R"({"step":"a","operation":"action","attempt":1,"error":{},"possiblyDone":true,"retryAt":"1970-01-01T00:00:01.500000Z"})");
  RequestSummary request;
  request.method = "PUT";
  request.service = "s";
  request.path = "/p";
  CHECK(payload_of(StepRequested{"a", "http", request}).dump() ==
        R"({"step":"a","kind":"http","request":{"method":"PUT","service":"s","path":"/p"}})");
}

TEST_CASE("codec: what this program does not know is refused") {
  CHECK(refusal("StepDreamed", "{}") == "events of type 'StepDreamed' are not known to this version");
  CHECK(refusal("StepSucceeded", R"({"attempts":1})") ==
        "an event StepSucceeded cannot be read: the field 'step' is missing");
  CHECK(refusal("StepSucceeded", R"({"step":"a","attempts":-1})") ==
        "an event StepSucceeded cannot be read: the field 'attempts' is not of its kind");
  CHECK(refusal("StepSucceeded", R"({"step":"a","attempts":4294967296})") != "");
  CHECK(refusal("StepSucceeded", R"([])") != "");
  CHECK(refusal("SagaStuck", R"({"operation":"sideways","error":{}})") != "");
  CHECK(
      refusal(
          "AttemptFailed",
          R"({"step":"a","operation":"action","attempt":1,"error":{},"possiblyDone":true,"retryAt":"soon"})") !=
      "");
  CHECK(refusal("SagaStarted", R"({"definition":"d","businessKey":"k","parent":{"saga":"x","step":"a"}})") !=
        "");
}

TEST_CASE("problem: members of the wrong kind are kept beside the known ones") {
  const Json json = parse_json(R"({"type":"t","status":"bad","detail":["x"],"more":1})").value();
  const Problem problem = problem_from_json(json);
  CHECK(problem.type == "t");
  CHECK(!problem.status);
  CHECK(problem.detail == "");
  CHECK(to_json(problem) == json);
  CHECK(problem_from_json(to_json(problem)) == problem);
}

}  // namespace skald::core
