#include "projections/saga_states.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/core/evolve.hpp"

namespace skald::views {
namespace {

constexpr std::size_t kSagaPage = 1'000;  // events of one saga that are read at once

}  // namespace

SagaStates::SagaStates(store::ViewStore& log, FindCatalog catalog, std::size_t limit)
    : log_(log), catalog_(std::move(catalog)), limit_(limit) {}

void SagaStates::prepare(const std::vector<ViewEventPtr>& events, std::function<void(Result<void>)> done) {
  for (const SagaId saga : std::exchange(ended_, {})) drop(saga);
  auto needed = std::make_shared<std::vector<Needed>>();
  std::set<SagaId> met;
  for (const ViewEventPtr& event : events) {
    if (!met.insert(event->saga).second) continue;
    const auto known = known_.find(event->saga);
    const std::int32_t version = known == known_.end() ? 0 : known->second.seen.state.version;
    if (version == event->version - 1) continue;
    drop(event->saga);
    if (event->version > 1) needed->push_back({event->saga, event->version - 1});
  }
  load(std::move(needed), std::move(done));
}

void SagaStates::load(std::shared_ptr<std::vector<Needed>> needed, std::function<void(Result<void>)> done) {
  if (needed->empty()) return done({});
  const Needed next = needed->back();
  needed->pop_back();
  core::State fresh;
  fresh.id = next.saga;
  read(next, std::move(fresh), [this, next, needed, done = std::move(done)](Result<core::State> state) {
    if (!state) return done(state.error());
    keep(next.saga).state = std::move(*state);
    load(needed, done);
  });
}

void SagaStates::read(Needed wanted, core::State state, std::function<void(Result<core::State>)> done) {
  const std::int32_t from = state.version;
  const auto limit = std::min<std::size_t>(kSagaPage, static_cast<std::size_t>(wanted.version - from));
  log_.read_saga(wanted.saga, from, limit,
                 [this, wanted, state = std::move(state),
                  done = std::move(done)](Result<std::vector<store::StoredEvent>> stored) mutable {
                   if (!stored) return done(stored.error());
                   if (stored->empty())
                     return done(unavailable("the log has not all events of saga " + to_text(wanted.saga)));
                   for (const ViewEventPtr& event : view_events(std::move(*stored))) {
                     auto fact = event->fact();
                     if (!fact) return done(fact.error());
                     state = core::evolve(std::move(state), {event->place.time, std::move(*fact)});
                   }
                   if (state.version >= wanted.version) return done(std::move(state));
                   read(wanted, std::move(state), std::move(done));
                 });
}

Result<const SagaStates::Seen*> SagaStates::after(const ViewEvent& event) {
  Seen& seen = keep(event.saga);
  if (seen.state.version != event.version - 1)
    return unavailable("the events of saga " + to_text(event.saga) + " do not follow each other");
  auto fact = event.fact();
  if (!fact) return fact.error();
  const bool ends = std::holds_alternative<core::SagaEnded>(*fact);
  seen.state = core::evolve(std::move(seen.state), {event.place.time, std::move(*fact)});
  if (ends) ended_.push_back(event.saga);
  if (!seen.definition) {
    const auto entry = catalog_()->by_hash(seen.state.definition);
    if (!entry)
      return unavailable("the definition " + seen.state.definition + " of saga " + to_text(event.saga) +
                         " is not known here yet");
    seen.definition = entry->definition;
  }
  return &seen;
}

SagaStates::Seen& SagaStates::keep(SagaId saga) {
  const auto [at, fresh] = known_.try_emplace(saga);
  if (!fresh) {
    order_.splice(order_.end(), order_, at->second.place);
    return at->second.seen;
  }
  at->second.seen.state.id = saga;
  at->second.place = order_.insert(order_.end(), saga);
  if (known_.size() > limit_) drop(order_.front());
  return at->second.seen;
}

void SagaStates::drop(SagaId saga) {
  const auto at = known_.find(saga);
  if (at == known_.end()) return;
  order_.erase(at->second.place);
  known_.erase(at);
}

}  // namespace skald::views
