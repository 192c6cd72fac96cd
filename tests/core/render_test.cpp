#include "engine/core/render.hpp"

#include <doctest/doctest.h>

namespace skald::core {
namespace {

Template compiled(const char* source) {
  return Template::compile(Json(source)).value();
}

// One step "enroll" whose request the tests shape, in a saga that has done "apply".
struct Rendering {
  Definition definition;
  State state;
  Json secrets;

  Rendering() {
    definition.name = "recruitment";
    definition.version = 3;
    Step step;
    step.id = "enroll";
    step.kind =
        HttpAction{"enrollment", HttpMethod::Post, PathTemplate::compile("/p").value(), {}, {}, std::nullopt};
    step.undo = Undo{HttpAction{"enrollment",
                                HttpMethod::Delete,
                                PathTemplate::compile("/${ .error.type }").value(),
                                {},
                                {},
                                std::nullopt},
                     {}};
    definition.add(step);
    state.input = Json::object({{"job", "a/b ä&c=d"}, {"none", nullptr}, {"lines", "a\r\nX: y"}});
    state.business_key = "key";
    Step apply = step;
    apply.id = "apply";
    definition.add(apply);
    state.steps.update("apply", [](StepState& done) {
      done.forward = Forward::Succeeded;
      done.output = 7;
    });
  }
  HttpAction& action() { return std::get<HttpAction>(std::get<Action>(definition.steps[0].kind)); }
  Result<ServiceRequest> operator()(Operation operation = Operation::Action) const {
    const auto& http = std::get<HttpAction>(action_of(definition, "enroll", operation));
    return render(http, definition, state, "enroll", secrets);
  }
};

}  // namespace

TEST_CASE("render: data is percent-encoded in paths and queries") {
  Rendering render;
  render.action().path = PathTemplate::compile("/jobs/${ .input.job }").value();
  render.action().query = {{"q r", compiled("${ .input.job }")}, {"n", compiled("${ .steps.apply.output }")}};
  const auto request = render();
  REQUIRE(request.has_value());
  CHECK(request->path == "/jobs/a%2Fb%20%C3%A4%26c%3Dd");
  CHECK(request->query == "q%20r=a%2Fb%20%C3%A4%26c%3Dd&n=7");
  CHECK(!request->body);
}

TEST_CASE("render: a query parameter that is null is left out, a list is an error") {
  Rendering render;
  render.action().query = {{"a", compiled("${ .input.none }")}, {"b", compiled("${ .input.job | length }")}};
  CHECK(render()->query == "b=9");
  render.action().query = {{"a", compiled("${ [1] }")}};
  CHECK(render().error().message.starts_with("query 'a': "));
}

TEST_CASE("render: an expression sees input, saga and steps") {
  Rendering render;
  render.action().body = compiled("${ {saga: .saga | {name, version, businessKey}, s: .steps, e: .error} }");
  CHECK(
      render()->body->dump() ==
      R"({"saga":{"name":"recruitment","version":3,"businessKey":"key"},"s":{"apply":{"output":7,"status":"succeeded"}},"e":null})");
}

TEST_CASE("render: an undo sees why the saga is undone") {
  Rendering render;
  render.state.error = make_problem(problem_type::kCancelled, "");
  render.state.compensation_version = 5;
  const auto request = render(Operation::Compensate);
  REQUIRE(request.has_value());
  CHECK(request->method == HttpMethod::Delete);
  CHECK(request->path == "/cancelled");
}

TEST_CASE("render: secrets reach headers alone, and without them those headers are left out") {
  Rendering render;
  render.action().headers = {{"Authorization", compiled("Bearer ${ .secrets.TOKEN }")},
                             {"X-Job", compiled("${ 1 }")}};
  render.action().body = compiled("${ .secrets }");
  CHECK(render()->headers == std::vector<std::pair<std::string, std::string>>{{"X-Job", "1"}});
  render.secrets = Json::object({{"TOKEN", "s3cret"}});
  CHECK(render()->headers.front().second == "Bearer s3cret");
  CHECK(render()->body->is_null());
}

TEST_CASE("render: a header cannot be made to begin another one") {
  Rendering render;
  render.action().headers = {{"X-Lines", compiled("${ .input.lines }")}};
  CHECK(render().error().message == "header 'X-Lines': the value holds control characters");
}

TEST_CASE("render: an error says which part of the request failed") {
  Rendering render;
  render.action().body = compiled("${ .input.job + 1 }");
  CHECK(render().error().message.starts_with("body: "));
  render.action().path = PathTemplate::compile("/${ .input.none }").value();
  CHECK(render().error().message.starts_with("path: "));
}

TEST_CASE("render: the idempotency key is the same for every attempt, and another one for the undo") {
  const SagaId id = parse_saga_id("0198c1f2-0000-7000-8000-000000000007").value();
  CHECK(idempotency_key(id, "lines[3].reserve", Operation::Action) ==
        "0198c1f2-0000-7000-8000-000000000007:lines[3].reserve");
  CHECK(idempotency_key(id, "pay", Operation::Compensate) == "0198c1f2-0000-7000-8000-000000000007:pay:undo");
}

}  // namespace skald::core
