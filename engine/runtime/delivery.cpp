#include "engine/runtime/delivery.hpp"

#include <algorithm>

#include "engine/base/failpoint.hpp"
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

// Whether a saga that has completed may be undone by it; else only the few that have not ended are looked
// for.
bool may_undo_completed(const sagas::Catalog& catalog, const std::string& event) {
  for (const sagas::CatalogEntry& newest : catalog.list())
    for (const sagas::CatalogEntry& entry : catalog.versions(newest.definition->name))
      if (is_undone_by(*entry.definition, event)) return true;
  return false;
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

void Delivery::begin(Owners& owners, EventToDeliver event, Done<Reached> done) {
  if (event.hops > kMostHops)
    return done(invalid("this event has been passed on by " + std::to_string(kMostHops) +
                        " sagas that events started: that looks like a circle"));
  std::make_shared<Delivery>(owners, std::move(event), std::move(done))->find_receivers(std::nullopt);
}

Delivery::Delivery(Owners& owners, EventToDeliver event, Done<Reached> done)
    : owners_(owners), event_(std::move(event)), done_(std::move(done)) {
  for (const sagas::CatalogEntry& entry : owners_.catalog()->list())
    for (const core::StartOn& on : entry.definition->start_on)
      if (on.event == event_.name) starts_.emplace_back(entry, &on);
}

void Delivery::find_receivers(std::optional<SagaId> before) {
  store::SagaFilter filter;
  filter.business_key = event_.key;
  if (!may_undo_completed(*owners_.catalog(), event_.name)) filter.ended = false;
  filter.before = before;
  filter.limit = kPage;
  owners_.log().list_sagas(filter, [self = shared_from_this()](Result<std::vector<store::SagaRow>> rows) {
    FAILPOINT("receivers-listed");
    if (!rows) return self->done_(rows.error());
    for (const store::SagaRow& row : *rows)
      if (self->is_receiver(row)) self->receivers_.push_back(row.id);
    if (rows->size() == kPage) return self->find_receivers(rows->back().id);
    self->tell_next();
  });
}

bool Delivery::is_receiver(const store::SagaRow& row) const {
  // A saga that this event started has it, however often the event comes.
  if (event_.except == row.id || row.start.start_key == start_key()) return false;
  const bool completed = row.status.status == "completed";
  if (row.status.ended_at && !completed) return false;
  const auto entry = owners_.catalog()->by_hash(row.start.definition_hash);
  if (!entry) return true;  // the saga itself knows
  const core::Definition& definition = *entry->definition;
  if (completed) return is_undone_by(definition, event_.name);
  return definition.waits_for(event_.name) || definition.is_cancelled_by(event_.name);
}

void Delivery::tell_next() {
  if (receivers_.empty()) return start_next();
  const SagaId next = receivers_.back();
  receivers_.pop_back();
  core::EventArrived arrived{event_.name, event_.data, event_.id, event_.source, event_.key};
  owners_.ask(next, std::move(arrived),
              [self = shared_from_this(), next](Result<Snapshot> saga) { self->told(next, saga); });
}

void Delivery::told(SagaId receiver, const Result<Snapshot>& saga) {
  FAILPOINT("receiver-told");
  if (saga && has_it(saga->state, event_)) ++reached_.sagas;
  if (!saga && saga.error().kind == ErrorKind::LimitReached) reached_.full.push_back(receiver);
  if (!saga && saga.error().kind == ErrorKind::Unavailable) missed_ = saga.error();
  tell_next();
}

void Delivery::start_next() {
  if (starts_.empty()) return missed_ ? done_(*missed_) : done_(std::move(reached_));
  const auto [entry, on] = starts_.back();
  starts_.pop_back();
  begin_saga(entry, *on);
}

void Delivery::begin_saga(const sagas::CatalogEntry& entry, const core::StartOn& on) {
  const Json scope = Json::object({{"event", value_of(event_, owners_.log().now())}});
  if (on.where) {
    const auto fits = on.where->evaluate(scope);
    if (!fits || !core::is_true(*fits)) return start_next();
  }
  Lane::Begin begin;
  begin.entry = entry;
  begin.start = start_of(entry, on, scope);
  begin.by_saga = event_.except.has_value();
  const auto own = owners_.next_partition();
  if (begin.start.business_key.empty() && !own)
    return started(unavailable("this node owns no partition of the log yet"));
  const Partition partition = begin.start.business_key.empty()
                                  ? *own
                                  : partition_of(begin.start.business_key, owners_.log().partition_count());
  begin.id = new_saga_id(owners_.log().now(), partition, owners_.random());
  if (begin.start.business_key.empty()) begin.start.business_key = to_text(begin.id);
  owners_.begin(std::move(begin), [self = shared_from_this()](Result<Lane::BeginOutcome> outcome) {
    FAILPOINT("listener-begun");
    self->started(outcome);
  });
}

// Without a business key of its own the saga gets its id as one, later. What does not fit starts it all the
// same: nobody can be told, so it ends at once, visibly.
core::StartRequested Delivery::start_of(const sagas::CatalogEntry& entry, const core::StartOn& on,
                                        const Json& scope) const {
  core::StartRequested start;
  start.input = event_.data;
  start.start_key = start_key();
  start.request_hash = kNoRequestHash;
  start.cause = Json::object(
      {{"event", event_.name}, {"source", event_.source}, {"id", event_.id}, {"hops", event_.hops + 1}});
  const auto refuse = [&](std::string_view type, const std::string& why) {
    if (!start.refusal) start.refusal = core::make_problem(type, why);
  };
  if (on.input) {
    auto input = on.input->evaluate(scope);
    if (!input)
      refuse(core::problem_type::kExpression, "input: " + input.error().message);
    else
      start.input = std::move(*input);
  }
  if (entry.input && !start.refusal)
    if (const auto faults = entry.input->validate(start.input); !faults.empty())
      refuse(core::problem_type::kInvalidInput, faults.front().pointer + ": " + faults.front().message);
  auto key = business_key_of(*entry.definition, start.input);
  if (!key)
    refuse(core::problem_type::kInvalidInput, key.error().message);
  else if (*key)
    start.business_key = std::move(**key);
  return start;
}

void Delivery::started(const Result<Lane::BeginOutcome>& outcome) {
  if (outcome)
    ++reached_.sagas;
  else if (!missed_ || outcome.error().kind == ErrorKind::Unavailable)
    missed_ = outcome.error();
  start_next();
}

}  // namespace skald::runtime
