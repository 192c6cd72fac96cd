#include "tests/core/random_definition.hpp"

#include <array>
#include <chrono>

namespace skald::core::testing {
namespace {

using namespace std::chrono_literals;

Template compiled(const char* source) {
  return Template::compile(Json(source)).value();
}

HttpAction random_action(Random& random) {
  HttpAction action;
  action.service = "service";
  action.path = PathTemplate::compile("/things/${ .saga.id }").value();
  if (once_in(random, 12))
    action.body = compiled("${ .input.number + \"text\" }");
  else if (once_in(random, 2))
    action.body = compiled("${ {id: .saga.id, steps: .steps, error: .error} }");
  return action;
}

Effort random_effort(Random& random, std::uint32_t default_attempts) {
  Effort effort;
  RetryPolicy& retry = effort.retry;
  retry.initial_interval = std::array<Duration, 3>{100ms, 1s, 20s}[random.below(3)];
  retry.maximum_attempts =
      once_in(random, 2) ? default_attempts : static_cast<std::uint32_t>(random.below(4));
  if (once_in(random, 5)) retry.non_retryable_errors = {once_in(random, 2) ? "timeout" : "unreachable"};
  if (once_in(random, 4)) effort.total_timeout = 30s;
  if (once_in(random, 3)) effort.timeout = 2s;
  return effort;
}

Step random_step(Random& random, std::size_t index, bool may_be_undone, bool past_pivot) {
  Step step;
  step.id = "s" + std::to_string(index);
  step.kind = random_action(random);
  step.effort = random_effort(random, past_pivot ? 0 : 5);
  step.effort.retry.on_exhausted =
      past_pivot || once_in(random, 6) ? OnExhausted::Stuck : OnExhausted::Compensate;
  if (once_in(random, 5))
    step.condition = compiled(once_in(random, 4) ? "${ 1 - \"a\" }" : "${ .input.flag }");
  if (once_in(random, 5))
    step.output = compiled(once_in(random, 3) ? "${ .response.body.id + 1 }" : "${ .response.body.id }");
  step.optional = once_in(random, 6);
  if (may_be_undone && !once_in(random, 5)) step.undo = Undo{random_action(random), random_effort(random, 0)};
  return step;
}

}  // namespace

Definition random_definition(Random& random) {
  Definition definition;
  definition.name = "random";
  definition.hash = "hash";
  definition.cancel_until = static_cast<CancelUntil>(random.below(4));
  definition.undo_order = once_in(random, 4) ? UndoOrder::Parallel : UndoOrder::Reverse;
  definition.on_undo_failure = once_in(random, 3) ? OnUndoFailure::Continue : OnUndoFailure::Stuck;
  if (once_in(random, 3)) definition.timeout = 40s;
  if (once_in(random, 10)) definition.output = compiled("${ .steps.s0.output + 1 }");

  const std::size_t count = 1 + random.below(6);
  const std::size_t pivot = once_in(random, 3) ? random.below(count) : count;
  for (std::size_t i = 0; i < count; ++i) {
    const bool may_be_undone = i < pivot || definition.cancel_until == CancelUntil::Forever;
    definition.add(random_step(random, i, may_be_undone, i > pivot));
  }
  if (pivot < count) {
    definition.steps[pivot].pivot = true;
    definition.steps[pivot].optional = false;
  }
  if (once_in(random, 2)) {
    definition.answer_after = random.below(count);
    definition.steps[*definition.answer_after].optional = false;
  }
  return definition;
}

}  // namespace skald::core::testing
