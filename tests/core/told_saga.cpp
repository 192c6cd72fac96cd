#include "tests/core/told_saga.hpp"

#include <doctest/doctest.h>

namespace skald::core::testing {
namespace {

Event read_back(const Event& event) {
  const std::string text = payload_of(event.fact).dump();
  const auto payload = parse_json(text);
  REQUIRE_MESSAGE(payload.has_value(), text);
  auto fact = fact_from(type_name(event.fact), *payload);
  REQUIRE_MESSAGE(fact.has_value(), text);
  return {event.time, std::move(*fact)};
}

SagaId some_id() {
  Random random(1);
  return new_saga_id(Timestamp{1'767'225'600'000'000}, Partition{7}, random);
}

}  // namespace

ToldSaga::ToldSaga(const Definition& definition) : definition_(definition) {
  live_.id = folded_.id = some_id();
}

Result<Decision> ToldSaga::take(const Input& input, const Context& context) {
  auto decision = decide(definition_, live_, input, context);
  if (!decision) return decision;
  for (const Event& event : decision->events) append(event);
  if (decision->progress) live_ = note(std::move(live_), *decision->progress);
  check_replan(*decision);
  return decision;
}

void ToldSaga::look_again(const StepPath& step) {
  known_.erase(step);
  if (auto command = command_of(definition_, live_, step)) known_.emplace(step, std::move(*command));
}

void ToldSaga::check_replan(const Decision& decision) {
  Replan replan;
  replan.after(decision);
  if (replan.everything) {
    known_.clear();
    for (const auto& [step, nothing] : live_.open) look_again(step);
  }
  for (const StepPath& step : replan.steps) look_again(step);
  look_again({});
  std::vector<Command> planned;
  for (const auto& [step, command] : known_)
    if (!step.empty()) planned.push_back(command);
  if (const auto whole = known_.find({}); whole != known_.end()) planned.push_back(whole->second);
  REQUIRE_MESSAGE(planned == outstanding(), "the plan after event ", log_.size());
}

void ToldSaga::crash() {
  REQUIRE(recorded(live_) == folded_);
  live_ = folded_;
  known_.clear();
  for (const Command& command : outstanding())
    known_.emplace(std::visit([](const auto& one) { return one.step; }, command), command);
}

void ToldSaga::append(const Event& event) {
  live_ = evolve(std::move(live_), event);
  folded_ = evolve(std::move(folded_), read_back(event));
  log_.push_back(event);
  const State durable = recorded(live_);
  REQUIRE_MESSAGE(durable == folded_, "after event ", log_.size(), " ", type_name(event.fact));
  REQUIRE(plan(definition_, durable) == plan(definition_, folded_));
}

}  // namespace skald::core::testing
