#include "engine/runtime/delivery.hpp"

#include <algorithm>

#include "engine/core/scope.hpp"
#include "engine/runtime/business_key.hpp"

namespace skald::runtime {
namespace {

constexpr std::size_t kPage = 500;
constexpr std::uint32_t kMostHops = 32;

bool is_undone_by(const core::Definition& definition, const std::string& event) {
  return std::any_of(definition.cancel_on.begin(), definition.cancel_on.end(), [&](const core::CancelOn& on) {
    return on.event == event && on.until == core::CancelUntil::Forever;
  });
}

Json value_of(const EventToDeliver& event, Timestamp now) {
  return Json::object({{"name", event.name},
                       {"data", event.data},
                       {"time", to_rfc3339(now)},
                       {"id", event.id},
                       {"source", event.source}});
}

bool has_it(const core::State& state, const EventToDeliver& event) {
  if (state.received.contains(event.source + ' ' + event.id)) return true;
  // A completed saga keeps of an event only that it was undone by it.
  return state.is_undoing() && state.error && state.error->event == event.name;
}

}  // namespace

void Delivery::begin(Engine::Inside& inside, std::size_t home, EventToDeliver event, Done<Reached> done) {
  if (event.hops > kMostHops)
    return done(invalid("this event has been passed on by " + std::to_string(kMostHops) +
                        " sagas that events started: that looks like a circle"));
  std::make_shared<Delivery>(inside, home, std::move(event), std::move(done))->find_receivers(std::nullopt);
}

Delivery::Delivery(Engine::Inside& inside, std::size_t home, EventToDeliver event, Done<Reached> done)
    : inside_(inside), home_(home), event_(std::move(event)), done_(std::move(done)) {
  for (const sagas::CatalogEntry& entry : inside_.catalog.load()->list())
    for (const core::StartOn& on : entry.definition->start_on)
      if (on.event == event_.name) starts_.emplace_back(entry, &on);
}

void Delivery::find_receivers(std::optional<SagaId> before) {
  store::SagaFilter filter;
  filter.business_key = event_.key;
  filter.before = before;
  filter.limit = kPage;
  inside_.at(home_).log().list_sagas(filter,
                                     [self = shared_from_this()](Result<std::vector<store::SagaRow>> rows) {
                                       if (!rows) return self->done_(rows.error());
                                       for (const store::SagaRow& row : *rows)
                                         if (self->is_receiver(row)) self->receivers_.push_back(row.id);
                                       if (rows->size() == kPage)
                                         return self->find_receivers(rows->back().id);
                                       self->tell_next();
                                     });
}

bool Delivery::is_receiver(const store::SagaRow& row) const {
  if (event_.except == row.id) return false;
  const bool completed = row.status.status == "completed";
  if (row.status.ended_at && !completed) return false;
  const auto entry = inside_.catalog.load()->by_hash(row.start.definition_hash);
  if (!entry) return true;  // the saga itself knows
  const core::Definition& definition = *entry->definition;
  if (completed) return is_undone_by(definition, event_.name);
  return definition.waits_for(event_.name) || definition.is_cancelled_by(event_.name);
}

void Delivery::tell_next() {
  if (receivers_.empty()) return start_next();
  const SagaId next = receivers_.back();
  receivers_.pop_back();
  const std::size_t owner = inside_.owner_of(next.partition(), home_);
  const Done<Snapshot> answer = [self = shared_from_this()](Result<Snapshot> saga) { self->told(saga); };
  core::EventArrived arrived{event_.name, event_.data, event_.id, event_.source, event_.key};
  inside_.on_lane(home_, owner,
                  [&inside = inside_, owner, next, arrived = std::move(arrived),
                   answer = inside_.back_to(home_, owner, answer)] {
                    inside.at(owner).lane().ask(next, arrived, answer);
                  });
}

void Delivery::told(const Result<Snapshot>& saga) {
  if (!saga && saga.error().kind == ErrorKind::Unavailable) return done_(saga.error());
  if (saga && has_it(saga->state, event_)) ++reached_.sagas;
  tell_next();
}

void Delivery::start_next() {
  if (starts_.empty()) return done_(reached_);
  const auto [entry, on] = starts_.back();
  starts_.pop_back();
  begin_saga(entry, *on);
}

void Delivery::begin_saga(const sagas::CatalogEntry& entry, const core::StartOn& on) {
  LaneThread& home = inside_.at(home_);
  const Json scope = Json::object({{"event", value_of(event_, home.log().now())}});
  if (on.where) {
    const auto fits = on.where->evaluate(scope);
    if (!fits || !core::is_true(*fits)) return start_next();
  }
  Lane::Begin begin;
  begin.entry = entry;
  core::StartRequested& start = begin.start;
  start.input = event_.data;
  if (on.input) {
    auto input = on.input->evaluate(scope);
    if (input)
      start.input = std::move(*input);
    else
      start.refusal = core::make_problem(core::problem_type::kExpression, "input: " + input.error().message);
  }
  if (entry.input && !start.refusal)
    if (const auto faults = entry.input->validate(start.input); !faults.empty())
      start.refusal = core::make_problem(core::problem_type::kInvalidInput,
                                         faults.front().pointer + ": " + faults.front().message);
  const auto key = business_key_of(*entry.definition, start.input);
  if (!key && !start.refusal)
    start.refusal = core::make_problem(core::problem_type::kInvalidInput, key.error().message);
  const auto own = home.lane().next_partition();
  const bool has_key = key && *key;
  if (!has_key && !own) return done_(unavailable("this node owns no partition of the log yet"));
  const Partition partition = has_key ? partition_of(**key, home.log().partition_count()) : *own;
  begin.id = new_saga_id(home.log().now(), partition, home.random());
  start.business_key = has_key ? **key : to_text(begin.id);
  start.start_key = "event:" + event_.source + ":" + event_.id;
  start.request_hash = std::string(64, '0');
  start.cause = Json::object(
      {{"event", event_.name}, {"source", event_.source}, {"id", event_.id}, {"hops", event_.hops + 1}});
  const std::size_t owner = inside_.owner_of(partition, home_);
  const Done<Lane::BeginOutcome> answer = [self = shared_from_this()](Result<Lane::BeginOutcome> outcome) {
    self->started(std::move(outcome));
  };
  inside_.on_lane(
      home_, owner,
      [&inside = inside_, owner, begin = std::move(begin), answer = inside_.back_to(home_, owner, answer)] {
        inside.at(owner).lane().begin(begin, answer);
      });
}

void Delivery::started(Result<Lane::BeginOutcome> outcome) {
  if (!outcome) return done_(outcome.error());
  ++reached_.sagas;
  start_next();
}

}  // namespace skald::runtime
