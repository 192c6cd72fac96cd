// Partitions come by being claimed and go by being lost; sagas come by being folded from the log. A recovered
// saga takes the same path as one that never stopped: perform() what its state asks for.
#include "engine/base/check.hpp"
#include "engine/base/failpoint.hpp"
#include "engine/base/log.hpp"
#include "engine/core/event_codec.hpp"
#include "engine/core/evolve.hpp"
#include "engine/core/scope.hpp"
#include "engine/runtime/lane.hpp"

namespace skald::runtime {
namespace {

constexpr Duration kBeat = std::chrono::seconds(1);
// A writer that gave a sign of life is taken over after three seconds of silence at the earliest.
constexpr Duration kConfirmedFor = std::chrono::seconds(2);
// So many sagas are asked for at once while recovering: enough to keep the read connection busy.
constexpr std::size_t kRecoverPage = 500;
constexpr std::size_t kEventPage = 1'000;

core::Event event_of(const store::StoredEvent& stored) {
  const Result<Json> payload = parse_json(stored.payload);
  CHECK_THAT(payload.has_value(), "the log holds only what was checked before it was appended");
  auto fact = core::fact_from(stored.type, *payload);
  // A node that knows less than the log refuses to start; it never skips what it does not understand.
  CHECK_THAT(fact.has_value(), "every event of the log is known: " + stored.type);
  return {stored.time, std::move(*fact)};
}

struct IsDue {
  Timestamp now;
  bool operator()(const core::CallService& call) const { return call.not_before <= now; }
  bool operator()(const core::PollLocation& poll) const { return poll.not_before <= now; }
  bool operator()(const core::OfferTask& task) const { return task.not_before <= now; }
  bool operator()(const auto&) const { return true; }
};

// An id may name a partition that this database does not have: no node has, and no waiting helps.
Error why_not_here(SagaId id, std::uint16_t partitions) {
  if (partitions > 0 && id.partition().number >= partitions)
    return not_found("there is no saga " + to_text(id));
  return unavailable("another node has this saga");
}

}  // namespace

void Lane::with_saga(SagaId id, LiveDone done) {
  if (const auto found = live_.find(id); found != live_.end()) {
    if (found->second->state.version > 0) return done(found->second.get());
    // Its start is being written. Whoever knows its id already is a second start with its key that was
    // quicker to see it in the log than this lane to hear of it.
    loading_[id].push_back(std::move(done));
    return;
  }
  if (!owns(id.partition())) return done(why_not_here(id, parts_.log.partition_count()));
  auto& waiting = loading_[id];
  waiting.push_back(std::move(done));
  if (waiting.size() == 1) load(id);
}

// For those who asked while the start was being written.
void Lane::ask_again(SagaId id) {
  auto asked = loading_.extract(id);
  if (asked.empty()) return;
  for (LiveDone& done : asked.mapped()) with_saga(id, std::move(done));
}

void Lane::load(SagaId id) {
  auto fresh = std::make_shared<LiveSaga>();
  fresh->id = id;
  fresh->state.id = id;
  // A partition that was lost meanwhile may have come back, with events that this reading does not know.
  fold(fresh, [this, id, losses = losses_[id.partition()]](Result<std::shared_ptr<LiveSaga>> saga) {
    if (losses == losses_[id.partition()]) loaded(id, std::move(saga));
  });
}

void Lane::fold(std::shared_ptr<LiveSaga> saga, Done<std::shared_ptr<LiveSaga>> done) {
  const SagaId id = saga->id;
  const std::int32_t after = saga->state.version;
  parts_.log.read_saga(
      id, after, kEventPage, [this, saga, done](Result<std::vector<store::StoredEvent>> events) {
        FAILPOINT_ERROR("saga-events-read", events = unavailable("a failpoint refuses to read a saga"));
        if (!events) return done(events.error());
        for (const store::StoredEvent& stored : *events) {
          saga->state = core::evolve(std::move(saga->state), event_of(stored));
          saga->position = stored.position;
        }
        if (events->size() == kEventPage) return fold(saga, done);
        if (saga->state.version == 0) return done(not_found("there is no saga " + to_text(saga->id)));
        define(saga, done);
      });
}

// A saga that another node started may have begun under a definition that was put there a moment ago.
void Lane::define(std::shared_ptr<LiveSaga> saga, Done<std::shared_ptr<LiveSaga>> done) {
  const auto find = [this, saga](std::optional<std::int32_t> version) {
    const auto entry = parts_.catalog()->by_hash(saga->state.definition, version);
    if (entry) saga->definition = entry->definition;
    return entry.has_value();
  };
  if (find(saga->state.definition_version)) return done(saga);
  parts_.refresh_catalog([find, saga, done] {
    // A log that was moved may know other numbers; what counts is the content.
    if (find(saga->state.definition_version) || find(std::nullopt)) return done(saga);
    done(unexpected("the definition " + saga->state.definition + " of saga " + to_text(saga->id) +
                    " is missing"));
  });
}

void Lane::read(SagaId id, Done<Snapshot> done) {
  auto fresh = std::make_shared<LiveSaga>();
  fresh->id = id;
  fresh->state.id = id;
  fold(fresh, [done = std::move(done)](Result<std::shared_ptr<LiveSaga>> saga) {
    if (!saga) return done(saga.error());
    done((*saga)->snapshot());
  });
}

void Lane::loaded(SagaId id, Result<std::shared_ptr<LiveSaga>> saga) {
  const auto waiting = std::move(loading_[id]);
  loading_.erase(id);
  if (!saga) {
    for (const LiveDone& done : waiting) done(saga.error());
    return;
  }
  (*saga)->row_unknown = true;
  (*saga)->state = core::recall_items(*(*saga)->definition, std::move((*saga)->state));
  LiveSaga& live = *live_.emplace(id, std::make_unique<LiveSaga>(std::move(**saga))).first->second;
  parts_.metrics.active_sagas.Increment();
  FAILPOINT("saga-loaded");
  perform(live);
  // What is due at once may have left already, when somebody else (or this process, earlier) had the saga.
  live.outstanding.each([&](Outstanding& outstanding) {
    outstanding.sent_before = std::visit(IsDue{parts_.log.now()}, outstanding.command);
  });
  for (const LiveDone& done : waiting)
    if (const auto found = live_.find(id); found != live_.end()) done(found->second.get());
  if (const auto found = live_.find(id); found != live_.end()) advance(*found->second);
}

void Lane::change(const store::Ownership& ownership) {
  if (!ownership.lost.empty()) lose(ownership.lost);
  for (const Partition partition : ownership.gained) {
    owned_.insert(partition);
    parts_.ownership_changed(partition, true);
  }
  FAILPOINT("partitions-changed");
  if (!ownership.gained.empty()) recover(ownership.gained, std::nullopt);
}

void Lane::lose(const std::vector<Partition>& partitions) {
  for (const Partition partition : partitions) {
    owned_.erase(partition);
    ++losses_[partition];
    parts_.ownership_changed(partition, false);
  }
  std::vector<SagaId> gone;
  for (const auto& [id, saga] : live_)
    if (!owns(id.partition())) gone.push_back(id);
  for (const SagaId& id : gone) forget(id);
  std::vector<LiveDone> waiting;
  std::erase_if(loading_, [&](auto& loading) {
    if (owns(loading.first.partition())) return false;
    std::move(loading.second.begin(), loading.second.end(), std::back_inserter(waiting));
    return true;
  });
  for (const LiveDone& done : waiting) done(unavailable(kSagaMoved));
  std::erase_if(unread_, [&](const SagaId& id) { return !owns(id.partition()); });
}

void Lane::recover(std::vector<Partition> partitions, std::optional<SagaId> after) {
  const auto listed = [this, partitions, after](Result<std::vector<SagaId>> ids) {
    FAILPOINT_ERROR("recovery-page-read", ids = unavailable("a failpoint refuses to list the running sagas"));
    if (!ids) {
      log::warn("recovery waits for the database: {}", ids.error().message);
      parts_.timers.at(parts_.log.now() + kBeat, [this, partitions, after] { recover(partitions, after); });
      return;
    }
    FAILPOINT("recovery-page-listed");
    if (ids->empty()) return;
    // The next page is asked for when this one has been loaded, so memory and reads stay bounded.
    auto left = std::make_shared<std::size_t>(ids->size());
    const bool more = ids->size() == kRecoverPage;
    for (const SagaId& id : *ids)
      with_saga(id, [this, id, partitions, left, more, last = ids->back()](Result<LiveSaga*> saga) {
        if (!saga) recover_later(id, saga.error());
        if (--*left == 0 && more) recover(partitions, last);
      });
  };
  parts_.log.list_running(partitions, after, kRecoverPage, listed);
}

// A read that failed. Nobody else would ask for this saga, so each beat does. Said once for all of them.
void Lane::recover_later(SagaId id, const Error& why) {
  if (!owns(id.partition())) return;
  if (unread_.empty()) log::warn("{}, and others maybe, wait to be loaded: {}", to_text(id), why.message);
  unread_.insert(id);
}

void Lane::recover_unread() {
  const std::vector<SagaId> unread(unread_.begin(), unread_.end());
  for (const SagaId& id : unread)
    with_saga(id, [this, id](Result<LiveSaga*> saga) {
      if (saga && unread_.erase(id) > 0 && unread_.empty()) log::info("no saga waits any more to be loaded");
    });
}

void Lane::wake_parked() {
  parts_.log.list_due(parts_.log.now(), kRecoverPage, [this](Result<std::vector<SagaId>> due) {
    FAILPOINT_ERROR("due-sagas-listed", due = unavailable("a failpoint refuses to list the parked sagas"));
    if (!due) return;
    if (!due->empty()) FAILPOINT("parked-sagas-wake");
    for (const SagaId& id : *due) with_saga(id, [](Result<LiveSaga*>) {});
  });
}

// Goes on while the lane drains: its last answers must still be its own to record.
void Lane::beat() {
  if (closed_) return;
  FAILPOINT("beat-begins");
  parts_.log.beat([this](Result<store::Ownership> ownership) {
    FAILPOINT_ERROR("beat-lost", ownership = unavailable("a failpoint lost a beat"));
    if (ownership) {
      const bool was_away = !is_confirmed();
      confirmed_at_ = parts_.log.now();
      FAILPOINT("beat-answered");
      change(*ownership);
      send_held();
      resume_stalled();
      recover_unread();
      if (was_away) board_.call_workers();
      if (!owned_.empty() && !draining_) wake_parked();
    }
    parts_.timers.at(parts_.log.now() + kBeat, [this] { beat(); });
  });
}

bool Lane::is_confirmed() const {
  return parts_.log.now() - confirmed_at_ < kConfirmedFor;
}

void Lane::forget(SagaId id) {
  const auto found = live_.find(id);
  if (found == live_.end()) return;
  // Out of the map first: what the waiters do may come back here.
  const std::unique_ptr<LiveSaga> saga = std::move(found->second);
  live_.erase(found);
  parts_.metrics.active_sagas.Decrement();
  saga->outstanding.each([&](const Outstanding& outstanding) { drop(outstanding); });
  for (Waiter& waiter : saga->waiters) {
    parts_.timers.cancel(waiter.patience);
    waiter.done(unavailable(kSagaMoved));
  }
  for (Pending& pending : saga->inbox)
    if (pending.done) pending.done(unavailable(kSagaMoved));
  if (saga->state.version == 0) ask_again(id);
}

}  // namespace skald::runtime
