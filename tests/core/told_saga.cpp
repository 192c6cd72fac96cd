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
  return decision;
}

void ToldSaga::crash() {
  REQUIRE(recorded(live_) == folded_);
  live_ = folded_;
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
