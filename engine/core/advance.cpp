#include "engine/core/advance.hpp"

#include "engine/core/compensation.hpp"
#include "engine/core/deadline.hpp"
#include "engine/core/failure.hpp"
#include "engine/core/render.hpp"

namespace skald::core {
namespace {

// As jq decides: null and false are false, everything else is true.
bool is_true(const Json& value) {
  return !value.is_null() && !(value.is_boolean() && !value.as_boolean());
}

void give_up_unasked(Story& story, const Step& step, const Error& error) {
  give_up_step(story, step,
               {make_problem(problem_type::kExpression, error.message), Reason::Refused, 0, false});
}

void request(Story& story, const Step& step) {
  auto request = render(story.definition(), story.state(), step.id, Operation::Action, Json());
  if (!request) return give_up_unasked(story, step, request.error());
  story.add(StepRequested{
      step.id, "http", {std::string(to_text(request->method)), request->service, request->path}});
}

void begin(Story& story, const Step& step) {
  if (!step.condition) return request(story, step);
  const auto condition = step.condition->evaluate(scope(story.definition(), story.state()));
  if (!condition) return give_up_unasked(story, step, invalid("if: " + condition.error().message));
  if (is_true(*condition)) return request(story, step);
  story.add(StepSkipped{step.id, "if", Json(), ""});
}

void complete(Story& story) {
  Json output;
  if (const auto& declared = story.definition().output) {
    auto result = declared->evaluate(scope(story.definition(), story.state()));
    if (!result)
      return fail_saga(story, make_problem(problem_type::kExpression, "output: " + result.error().message));
    output = std::move(*result);
  }
  story.add(SagaEnded{"completed", "none", std::move(output), std::nullopt, ""});
}

void go_forward(Story& story) {
  const auto& steps = story.definition().steps;
  if (story.state().next_step == steps.size()) return complete(story);
  if (is_deadline_over(story)) return pass_deadline(story);
  begin(story, steps[story.state().next_step]);
}

}  // namespace

// Each turn adds an event: it opens a step, closes one, begins the undo or ends the saga. So it comes to an
// end.
void advance(Story& story) {
  while (true) {
    const State& state = story.state();
    const std::int32_t before = state.version;
    if (state.phase == Phase::Forward && state.open.empty())
      go_forward(story);
    else if (state.phase == Phase::Compensating)
      go_back(story);
    if (story.state().version == before) return;
  }
}

}  // namespace skald::core
