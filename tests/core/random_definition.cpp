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

Action random_other_action(Random& random) {
  switch (random.below(3)) {
    case 0: return TaskAction{"queue", std::nullopt};
    case 1: return EmitAction{"Told", std::nullopt, compiled("${ .input }")};
    default: return SagaAction{"child", compiled("${ .input }"), std::nullopt};
  }
}

// Of every kind, with those inside of containers; at most so deep.
class NestedSteps {
 public:
  NestedSteps(Random& random, Definition& definition) : random_(random), definition_(definition) {}

  void add(BlockIndex block, int depth, bool past_pivot) {
    Step step = random_step(random_, definition_.steps.size(), !past_pivot, past_pivot);
    const bool inside = block != 0;
    if (inside) step.optional = false;
    const std::uint64_t kind = random_.below(depth > 0 ? 14 : 11);
    if (kind >= 7) step.optional = false;
    if (kind == 4 || kind == 5) step.kind = random_other_action(random_);
    if (kind == 6 && step.undo) step.undo->action = random_other_action(random_);
    if (kind == 7) step.kind = SetValues{compiled("${ {n: .input.number} }")};
    if (kind == 8) step.kind = Wait{10s, std::nullopt};
    if (kind == 9)
      step.kind = WaitFor{once_in(random_, 2) ? "Paid" : "Sent", std::nullopt,
                          once_in(random_, 3) ? std::nullopt : std::optional<Duration>(20s),
                          once_in(random_, 2) ? OnTimeout::Fail : OnTimeout::Continue};
    if (kind == 10 && once_in(random_, 3)) step.kind = Fail{compiled("refused"), {}, {}};
    if (kind >= 7) step.output = std::nullopt;
    if (const auto* action = std::get_if<Action>(&step.kind);
        action && !std::holds_alternative<HttpAction>(*action))
      step.output = std::nullopt;
    if (kind < 11) {
      definition_.add(std::move(step), block);
      return;
    }
    step.undo.reset();
    const StepIndex index = definition_.add(std::move(step), block);
    definition_.steps[index].kind = container(kind, index, depth - 1, past_pivot);
  }

 private:
  StepKind container(std::uint64_t kind, StepIndex owner, int depth, bool past_pivot) {
    if (kind == 11) {
      Parallel parallel;
      for (std::uint64_t i = 0, n = 1 + random_.below(3); i < n; ++i)
        parallel.branches.push_back({"b" + std::to_string(i), fill(owner, depth, past_pivot)});
      return parallel;
    }
    if (kind == 12) {
      Switch choice;
      choice.cases.push_back({compiled("${ .input.flag }"), fill(owner, depth, past_pivot)});
      if (once_in(random_, 2)) choice.cases.push_back({std::nullopt, fill(owner, depth, past_pivot)});
      return choice;
    }
    ForEach loop;
    loop.in = compiled(once_in(random_, 12)  ? "${ .input.number }"
                       : once_in(random_, 8) ? "${ [] }"
                                             : "${ [1, 2, 3, 4] }");
    loop.as = "item" + std::to_string(owner);
    loop.max_concurrency = 1 + static_cast<std::uint32_t>(random_.below(3));
    loop.block = fill(owner, depth, past_pivot);
    return loop;
  }
  BlockIndex fill(StepIndex owner, int depth, bool past_pivot) {
    const BlockIndex block = definition_.add_block(owner);
    for (std::uint64_t i = 0, n = 1 + random_.below(2); i < n; ++i) add(block, depth, past_pivot);
    return block;
  }

  Random& random_;
  Definition& definition_;
};

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

Definition random_nested_definition(Random& random) {
  Definition definition;
  definition.name = "random";
  definition.hash = "hash";
  definition.cancel_until = static_cast<CancelUntil>(1 + random.below(3));
  definition.undo_order = once_in(random, 4) ? UndoOrder::Parallel : UndoOrder::Reverse;
  definition.on_undo_failure = once_in(random, 3) ? OnUndoFailure::Continue : OnUndoFailure::Stuck;
  if (once_in(random, 4)) definition.timeout = 120s;
  if (once_in(random, 4)) definition.cancel_on.push_back({"Closed", std::nullopt, CancelUntil::Forever});
  NestedSteps steps(random, definition);
  for (std::uint64_t i = 0, n = 1 + random.below(4); i < n; ++i) steps.add(0, 2, false);
  return definition;
}

}  // namespace skald::core::testing
