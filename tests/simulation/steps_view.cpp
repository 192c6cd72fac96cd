#include "tests/simulation/steps_view.hpp"

#include <stdexcept>

#include "projections/view_loader.hpp"

namespace skald::simulation {
namespace {

constexpr const char* kSource = R"(
view: steps
key: { definition: "${ .saga.name }", step: "${ .event.step }" }
columns:
  definition: text
  step: text
  requested: bigint
  done: bigint
  failed: bigint
  undone: bigint
  attempts: numeric
  first: timestamptz
  newest: jsonb
  outputs: jsonb
rules:
  - event: StepRequested
    add: { requested: 1 }
    min: { first: "${ .event.time }" }
    set: { newest: { saga: "${ .saga.id }", input: "${ .input }", error: "${ .error }" } }
  - event: StepSucceeded
    add: { done: 1 }
    max: { attempts: "${ .event.attempts }" }
    append: { column: outputs, value: { at: "${ .event.position }", output: "${ .event.output }" }, limit: 3 }
  - { event: StepFailed, add: { failed: 1 }, max: { attempts: "${ .event.attempts }" } }
  - { event: StepCompensated, if: "${ .event.succeeded }", add: { undone: 1 } }
)";

views::View loaded() {
  auto result = views::load_view(kSource, "steps.view.yaml", nullptr);
  std::string faults;
  for (const auto& fault : result.faults) faults += sagas::to_text(fault) + "\n";
  if (!result.view) throw std::logic_error("the simulator's view is not valid:\n" + faults);
  return std::move(*result.view);
}

}  // namespace

const views::View& steps_view() {
  static const views::View view = loaded();
  return view;
}

}  // namespace skald::simulation
