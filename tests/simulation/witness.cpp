#include "tests/simulation/witness.hpp"

#include "engine/core/event_codec.hpp"
#include "engine/core/plan.hpp"
#include "engine/core/render.hpp"
#include "tests/core/story_lines.hpp"
#include "tests/simulation/between.hpp"

namespace skald::simulation {
namespace {

std::optional<core::Event> decoded(const store::StoredEvent& stored) {
  const auto payload = parse_json(stored.payload);
  if (!payload) return std::nullopt;
  auto fact = core::fact_from(stored.type, *payload);
  if (!fact) return std::nullopt;
  return core::Event{stored.time, std::move(*fact)};
}

}  // namespace

Witness::Witness(Surroundings& surroundings, const store::MemoryStore& store, const sagas::Catalog& catalog)
    : surroundings_(surroundings),
      store_(store),
      catalog_(catalog),
      between_(std::make_unique<const Between>(surroundings, store, catalog, *this)) {}

Witness::~Witness() = default;

void Witness::committed(const store::LaneName& by, const store::Append& append, Position last) {
  ++commits_;
  SeenSaga& saga = sagas_[append.saga];
  saga.folded.id = append.saga;
  const auto count = append.events.size();
  for (const auto& stored :
       store_.read_partition(last.partition, last.number - static_cast<std::int64_t>(count), count)) {
    check_writer(by, stored);
    const auto event = decoded(stored);
    if (!event) return surroundings_.violated("log", "an event of the log cannot be read: " + stored.payload);
    between_->check(saga, *event);
    note_order(saga, *event);
    saga.folded = core::evolve(std::move(saga.folded), *event);
    saga.events.push_back(*event);
    ++events_;
    if (stored.saga != append.saga || stored.version != saga.folded.version)
      surroundings_.violated(
          "I5", to_text(stored.saga) + " has a second event number " + std::to_string(stored.version));
    if (surroundings_.tell)
      surroundings_.tell(to_text(stored.saga).substr(24) + " by " + by.node + "." + std::to_string(by.lane) +
                         ": " + core::testing::line_of(*event, saga.events.front().time));
  }
  if (!saga.definition) {
    if (const auto entry = catalog_.by_hash(saga.folded.definition)) saga.definition = entry->definition;
  }
}

void Witness::note_order(SeenSaga& saga, const core::Event& event) const {
  const auto ask = [&](const core::StepPath& step, core::Operation operation) {
    saga.asked.emplace(core::idempotency_key(saga.folded.id, step, operation), commits_);
  };
  if (saga.events.empty()) saga.begun = commits_;
  if (std::holds_alternative<core::SagaEnded>(event.fact)) saga.ended = commits_;
  if (const auto* e = std::get_if<core::StepRequested>(&event.fact)) ask(e->step, core::Operation::Action);
  if (const auto* e = std::get_if<core::CompensationRequested>(&event.fact))
    ask(e->step, core::Operation::Compensate);
}

// A partition changes its writer only because the old one was ended, and then that one is silent everywhere.
void Witness::check_writer(const store::LaneName& by, const store::StoredEvent& event) {
  std::int32_t& last = last_writer_[event.position.partition];
  if (ended_writers_.contains(event.writer))
    surroundings_.violated(
        "I6", "writer " + std::to_string(event.writer) + " of " + by.node + " went on after its end");
  if (last != 0 && last != event.writer) {
    ended_writers_.insert(last);
    surroundings_.faults.hit(Fault::PartitionTakenOver);
  }
  last = event.writer;
}

void Witness::compare(const core::State& live) {
  const SeenSaga* saga = find(live.id);
  if (!saga) return surroundings_.violated("fold", to_text(live.id) + " lives and is not in the log");
  // A lane that was overtaken by another one believes something older until it learns of it.
  if (live.version < saga->folded.version) return;
  ++comparisons_;
  const core::State durable = core::recorded(live);
  if (durable != saga->folded)
    return surroundings_.violated("fold", to_text(live.id) +
                                              " lives in another state than the log says, after event " +
                                              std::to_string(live.version));
  if (saga->definition &&
      core::plan(*saga->definition, durable) != core::plan(*saga->definition, saga->folded))
    surroundings_.violated("fold", to_text(live.id) + " has another plan than the log says");
}

const SeenSaga* Witness::find(SagaId saga) const {
  const auto found = sagas_.find(saga);
  return found == sagas_.end() ? nullptr : &found->second;
}

bool Witness::was_requested(SagaId saga, const std::string& step, core::Operation operation) const {
  const SeenSaga* seen = find(saga);
  return seen && seen->asked.contains(core::idempotency_key(saga, step, operation));
}

std::optional<Timestamp> Witness::retry_at(SagaId saga, const std::string& step, core::Operation operation,
                                           std::uint32_t failed_attempt) const {
  const SeenSaga* seen = find(saga);
  if (!seen) return std::nullopt;
  for (auto event = seen->events.rbegin(); event != seen->events.rend(); ++event) {
    const auto* failed = std::get_if<core::AttemptFailed>(&event->fact);
    if (failed && failed->step == step && failed->operation == operation && failed->attempt == failed_attempt)
      return failed->retry_at;
    // A person has given it another time.
    const auto* retry = std::get_if<core::RetryRequested>(&event->fact);
    const bool resumed = std::holds_alternative<core::SagaResumed>(event->fact);
    if (resumed || (retry && (retry->step.empty() || retry->step == step))) return std::nullopt;
  }
  return std::nullopt;
}

bool Witness::has_failed(SagaId saga, const std::string& step, core::Operation operation,
                         std::uint32_t attempt) const {
  const SeenSaga* seen = find(saga);
  if (!seen) return false;
  bool over = false;
  for (const core::Event& event : seen->events) {
    const auto* failed = std::get_if<core::AttemptFailed>(&event.fact);
    if (failed && failed->step == step && failed->operation == operation && failed->attempt >= attempt)
      over = true;
    // A new budget counts from one again.
    if (const auto* retry = std::get_if<core::RetryRequested>(&event.fact); retry && retry->step == step)
      over = false;
  }
  return over;
}

}  // namespace skald::simulation
