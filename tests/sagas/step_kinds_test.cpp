// What each kind of step becomes: everything that is written is in the definition, in the order of the file.
#include <doctest/doctest.h>

#include "sagas/definition_loader.hpp"
#include "sagas/draft.hpp"
#include "tests/sagas/form_verdict.hpp"

namespace skald::sagas {
namespace {

core::Definition loaded(const std::string& text) {
  auto result = load_definition(text, "f", nullptr);
  std::string faults;
  for (const Fault& fault : result.faults) faults += to_text(fault) + '\n';
  CHECK_EQ(faults, "");
  CHECK_EQ(form_faults("saga", text), "");
  REQUIRE(result.definition);
  return std::move(*result.definition);
}

std::string source_of(const std::optional<core::Template>& value) {
  return value ? value->source().dump() : "nothing";
}

TEST_CASE("definition: a task, an event and a child are kept, as steps and as undos") {
  const core::Definition definition = loaded(R"(
saga: x
steps:
  - id: pack
    task: { queue: warehouse.pack, body: { order: "${ .saga.id }" } }
    timeout: 10m
    totalTimeout: 2d
    retry: { maximumAttempts: 3 }
    output: ${ .response.body.box }
    compensate:
      task: { queue: warehouse.unpack, body: 1 }
      timeout: 5m
      retry: { jitter: 0 }
  - id: tell
    emit: { event: com.example.Packed, key: "${ .input.customer }", data: [1] }
    compensate: { emit: { event: Unpacked } }
  - id: ship
    saga: { name: shipping, input: { box: "${ .steps.pack.output }" }, businessKey: "${ .saga.id }" }
    compensate: { saga: { name: returning } }
  - { id: note, set: { a: "${ .steps.ship.output }" } }
)");
  REQUIRE_EQ(definition.steps.size(), 4);
  const auto* task = as<core::TaskAction>(definition.steps[0].kind);
  REQUIRE(task);
  CHECK_EQ(task->queue, "warehouse.pack");
  CHECK_EQ(source_of(task->body), R"({"order":"${ .saga.id }"})");
  CHECK_EQ(definition.steps[0].effort.timeout, std::chrono::minutes(10));
  CHECK_EQ(definition.steps[0].effort.total_timeout, std::chrono::days(2));
  CHECK_EQ(definition.steps[0].effort.retry.maximum_attempts, 3);
  REQUIRE(definition.steps[0].undo);
  CHECK_EQ(std::get<core::TaskAction>(definition.steps[0].undo->action).queue, "warehouse.unpack");
  CHECK_EQ(definition.steps[0].undo->effort.timeout, std::chrono::minutes(5));
  CHECK_EQ(definition.steps[0].undo->effort.retry.jitter, 0);

  const auto* emit = as<core::EmitAction>(definition.steps[1].kind);
  REQUIRE(emit);
  CHECK_EQ(emit->event, "com.example.Packed");
  CHECK_EQ(source_of(emit->key), R"("${ .input.customer }")");
  CHECK_EQ(source_of(emit->data), "[1]");
  const auto& undo = std::get<core::EmitAction>(definition.steps[1].undo->action);
  CHECK_EQ(undo.event + source_of(undo.key) + source_of(undo.data), "Unpackednothingnothing");

  const auto* child = as<core::SagaAction>(definition.steps[2].kind);
  REQUIRE(child);
  CHECK_EQ(child->name, "shipping");
  CHECK_EQ(source_of(child->input), R"({"box":"${ .steps.pack.output }"})");
  CHECK_EQ(source_of(child->business_key), R"("${ .saga.id }")");
  CHECK_EQ(std::get<core::SagaAction>(definition.steps[2].undo->action).name, "returning");
}

TEST_CASE("definition: what waits, sets and refuses is kept") {
  const core::Definition definition = loaded(R"(
saga: x
steps:
  - id: paid
    waitFor: { event: Paid, where: "${ .event.data.ok }", timeout: 3d, onTimeout: continue }
    output: ${ .event.data.amount }
  - { id: any, waitFor: { event: Any } }
  - { id: pause, wait: 90s, compensate: { emit: { event: Woken } } }
  - { id: until, wait: { until: "${ .input.at }" }, optional: true }
  - { id: values, set: { a: 1, b: { c: "${ .input.c }" } }, pivot: true }
  - { id: copied, if: "${ .input.again }", set: {} }
)");
  const auto* paid = as<core::WaitFor>(definition.steps[0].kind);
  REQUIRE(paid);
  CHECK_EQ(paid->event + source_of(paid->where), R"(Paid"${ .event.data.ok }")");
  CHECK_EQ(paid->timeout, std::chrono::days(3));
  CHECK(paid->on_timeout == core::OnTimeout::Continue);
  CHECK_EQ(source_of(definition.steps[0].output), R"("${ .event.data.amount }")");
  const auto* any = as<core::WaitFor>(definition.steps[1].kind);
  REQUIRE(any);
  CHECK_FALSE(any->where);
  CHECK_FALSE(any->timeout);
  CHECK(any->on_timeout == core::OnTimeout::Fail);
  CHECK_EQ(as<core::Wait>(definition.steps[2].kind)->duration, std::chrono::seconds(90));
  CHECK_FALSE(as<core::Wait>(definition.steps[2].kind)->until);
  CHECK(definition.steps[2].undo);
  CHECK_EQ(source_of(as<core::Wait>(definition.steps[3].kind)->until), R"("${ .input.at }")");
  CHECK(definition.steps[3].optional);
  CHECK_EQ(as<core::SetValues>(definition.steps[4].kind)->values.source().dump(),
           R"({"a":1,"b":{"c":"${ .input.c }"}})");
  CHECK(definition.steps[4].pivot);
  CHECK(definition.cancel_until == core::CancelUntil::Pivot);

  const core::Definition refusing = loaded(
      "saga: x\nsteps:\n  - { id: f, fail: { type: sold-out, title: Sold out, detail: \"${ .input.n }\" } "
      "}\n");
  const auto* fail = as<core::Fail>(refusing.steps[0].kind);
  REQUIRE(fail);
  CHECK_EQ(fail->type.source().dump() + fail->title.source().dump() + fail->detail.source().dump(),
           R"("sold-out""Sold out""${ .input.n }")");
}

TEST_CASE("definition: steps inside of others are in the table in the order of the file") {
  const core::Definition definition = loaded(R"(
saga: x
steps:
  - { id: first, set: {} }
  - id: way
    switch:
      - when: ${ .input.long }
        steps: [{ id: far, set: {} }, { id: farther, set: {} }]
      - steps: [{ id: near, set: {} }]
  - id: both
    parallel:
      branches:
        left: [{ id: l, set: {} }]
        right:
          - id: lines
            forEach:
              in: ${ .input.lines }
              as: line
              maxConcurrency: 4
              steps: [{ id: r, set: { v: "${ .line }" } }]
    output: { l: "${ .steps.l.output }" }
  - { id: last, set: {} }
)");
  std::string order;
  for (const core::Step& step : definition.steps) order += step.id + ' ';
  CHECK_EQ(order, "first way far farther near both l lines r last ");
  const auto ids = [&](core::BlockIndex block) {
    std::string text;
    for (const core::StepIndex step : definition.blocks[block].steps) text += definition.steps[step].id + ' ';
    return text;
  };
  CHECK_EQ(ids(0), "first way both last ");
  const auto* way = as<core::Switch>(definition.find_step("way")->kind);
  REQUIRE_EQ(way->cases.size(), 2);
  CHECK_EQ(source_of(way->cases[0].when), R"("${ .input.long }")");
  CHECK_FALSE(way->cases[1].when);
  CHECK_EQ(ids(way->cases[0].block) + "| " + ids(way->cases[1].block), "far farther | near ");
  const auto* both = as<core::Parallel>(definition.find_step("both")->kind);
  REQUIRE_EQ(both->branches.size(), 2);
  CHECK_EQ(both->branches[0].name + " " + both->branches[1].name, "left right");
  CHECK_EQ(ids(both->branches[0].block) + "| " + ids(both->branches[1].block), "l | lines ");
  const auto* lines = as<core::ForEach>(definition.find_step("lines")->kind);
  CHECK_EQ(lines->as, "line");
  CHECK_EQ(lines->max_concurrency, 4);
  CHECK_EQ(lines->in.source().dump(), R"("${ .input.lines }")");
  CHECK_EQ(ids(lines->block), "r ");
  CHECK_EQ(definition.blocks[lines->block].owner, definition.index_of(*definition.find_step("lines")));
}

TEST_CASE("definition: the events that start and cancel a saga are kept, one or several") {
  const core::Definition definition = loaded(R"(
saga: x
cancelUntil: forever
startOn:
  - { event: Placed, where: "${ .event.data.ok }", input: { id: "${ .event.data.id }" } }
  - { event: Repeated }
cancelOn: { event: Withdrawn, where: "${ .event.data.id == .input.id }" }
steps: [{ id: a, set: {} }]
)");
  REQUIRE_EQ(definition.start_on.size(), 2);
  CHECK_EQ(definition.start_on[0].event + source_of(definition.start_on[0].where) +
               source_of(definition.start_on[0].input),
           R"(Placed"${ .event.data.ok }"{"id":"${ .event.data.id }"})");
  CHECK_EQ(definition.start_on[1].event, "Repeated");
  CHECK_FALSE(definition.start_on[1].input);
  REQUIRE_EQ(definition.cancel_on.size(), 1);
  CHECK_EQ(definition.cancel_on[0].event, "Withdrawn");
  CHECK(definition.cancel_on[0].until == core::CancelUntil::Forever);  // as cancelUntil
}

TEST_CASE("definition: a step after the pivot is retried without end, one of another case is not after it") {
  const core::Definition definition = loaded(R"(
saga: x
steps:
  - id: way
    switch:
      - steps:
          - { id: p, set: {} }
  - { id: pivot, http: { service: s, method: POST, path: /p }, pivot: true }
  - id: after
    parallel:
      branches:
        only: [{ id: inside, task: { queue: q } }]
)");
  CHECK_EQ(definition.find_step("pivot")->effort.retry.maximum_attempts, 5);
  CHECK_EQ(definition.find_step("inside")->effort.retry.maximum_attempts, 0);
  CHECK(definition.find_step("inside")->effort.retry.on_exhausted == core::OnExhausted::Stuck);

  const auto branched = load_definition(R"(
saga: x
steps:
  - id: way
    switch:
      - when: ${ .input.paid }
        steps: [{ id: p, set: {}, pivot: true }, { id: then, task: { queue: q } }]
      - steps: [{ id: other, task: { queue: q }, compensate: none }]
  - { id: after, task: { queue: q } }
)",
                                        "f", nullptr);
  REQUIRE(branched.definition);  // with a warning
  CHECK_EQ(branched.definition->find_step("then")->effort.retry.maximum_attempts, 0);
  CHECK_EQ(branched.definition->find_step("other")->effort.retry.maximum_attempts, 5);
  CHECK_EQ(branched.definition->find_step("after")->effort.retry.maximum_attempts, 0);
}

}  // namespace
}  // namespace skald::sagas
