#include "engine/runtime/lane.hpp"

#include <algorithm>

#include "engine/base/check.hpp"
#include "engine/base/failpoint.hpp"
#include "engine/runtime/business_key.hpp"
#include "engine/runtime/undecided.hpp"

namespace skald::runtime {

Lane::Lane(LaneParts parts) : parts_(std::move(parts)) {
  key_of_child_ = [this](const std::string& definition,
                         const Json& input) -> Result<std::optional<std::string>> {
    const auto entry = parts_.catalog()->newest(definition);
    if (!entry) return not_found("there is no definition '" + definition + "'");
    return business_key_of(*entry->definition, input);
  };
}

void Lane::open() {
  parts_.log.open([this](Result<std::vector<Partition>> partitions) {
    FAILPOINT("lane-opened");
    if (partitions) {
      confirmed_at_ = parts_.log.now();
      change({*partitions, {}});
    }
    beat();
  });
}

std::optional<Partition> Lane::next_partition() {
  if (owned_.empty()) return std::nullopt;
  auto chosen = owned_.upper_bound({turn_});
  if (chosen == owned_.end()) chosen = owned_.begin();
  turn_ = chosen->number;
  return *chosen;
}

void Lane::begin(Begin begin, Done<BeginOutcome> done) {
  FAILPOINT("saga-begins");
  if (draining_) return done(unavailable("this node is stopping"));
  if (!owns(begin.id.partition())) return done(unavailable("another node has this partition of the log"));
  if (live_.contains(begin.id) || loading_.contains(begin.id)) return begun_before(begin.id, std::move(done));
  if (live_.size() >= parts_.max_active_sagas && !begin.by_saga) {
    parts_.metrics.starts_refused.Increment();
    return done(unavailable("as many sagas are running as this node takes"));
  }
  auto fresh = std::make_unique<LiveSaga>();
  LiveSaga& saga = *fresh;
  saga.id = begin.id;
  saga.state.id = begin.id;
  saga.definition = begin.entry.definition;
  live_.emplace(begin.id, std::move(fresh));
  parts_.metrics.active_sagas.Increment();

  using KeyTaken = std::optional<store::StartKeyTaken>;
  const Done<KeyTaken> decided = answered_by<KeyTaken>(
      parts_.log.now() + std::max(kUndecidedAtMost, begin.patience.value_or(Duration{0})), parts_.timers,
      begin.start.start_key ? "ask again with the same key"
                            : "look before you start it again: this start had no key",
      [this, id = begin.id, patience = begin.patience, satisfied = begin.satisfied,
       done](Result<KeyTaken> taken) {
        if (!taken) return done(taken.error());
        if (*taken) return done(BeginOutcome{**taken});
        LiveSaga& saga = *live_.at(id);
        if (!patience) return done(BeginOutcome{saga.snapshot()});
        FAILPOINT("start-durable-and-awaited");
        add_waiter(saga, satisfied, *patience, [done](Result<Snapshot> snapshot) {
          if (!snapshot) return done(snapshot.error());
          done(BeginOutcome{std::move(*snapshot)});
        });
      });
  saga.on_key_taken = [decided](store::StartKeyTaken taken) { decided(KeyTaken{taken}); };
  drive(saga, std::move(begin.start), [decided](Result<void> started) {
    if (!started) return decided(started.error());
    decided(KeyTaken{});
  });
}

// A parent names the id of its child, and asks for it again after a crash or a lost answer.
void Lane::begun_before(SagaId id, Done<BeginOutcome> done) {
  with_saga(id, [id, done = std::move(done)](Result<LiveSaga*> saga) {
    if (saga) return done(BeginOutcome{store::StartKeyTaken{id, {}}});
    // Its start, which was under way, came to nothing.
    const bool none = saga.error().kind == ErrorKind::NotFound;
    done(none ? unavailable("the start of the saga failed; ask again") : saga.error());
  });
}

void Lane::find(SagaId id, Done<Snapshot> done) {
  // From memory only while the writer is known to stand: another node may have taken the partition over.
  const auto found = live_.find(id);
  if (found != live_.end() && found->second->state.version > 0 && is_confirmed())
    return done(found->second->snapshot());
  read(id, std::move(done));
}

void Lane::await(SagaId id, Satisfied satisfied, Duration patience, Done<Snapshot> done) {
  const auto found = [this, satisfied = std::move(satisfied), patience, done](Result<LiveSaga*> saga) {
    if (!saga) return done(saga.error());
    if (satisfied(*(*saga)->definition, (*saga)->state)) return done((*saga)->snapshot());
    add_waiter(**saga, satisfied, patience, done);
  };
  const Timestamp at_the_latest = parts_.log.now() + std::max(kUndecidedAtMost, patience);
  with_saga(id, answered_by<LiveSaga*>(at_the_latest, parts_.timers, "ask again", found));
}

void Lane::ask(SagaId id, core::Input input, Done<Snapshot> done) {
  FAILPOINT("cancel-received");
  done =
      answered_by<Snapshot>(parts_.log.now() + kUndecidedAtMost, parts_.timers, "ask again", std::move(done));
  with_saga(id, [this, id, input = std::move(input), done = std::move(done)](Result<LiveSaga*> saga) {
    if (!saga) return done(saga.error());
    drive(**saga, input, [this, id, done](Result<void> accepted) {
      FAILPOINT("cancel-decided");
      if (!accepted) return done(accepted.error());
      done(live_.at(id)->snapshot());
    });
  });
}

void Lane::drain(Timestamp at_the_latest, std::function<void()> done) {
  FAILPOINT("drain-begins");
  draining_ = true;
  on_drained_ = std::move(done);
  if (in_flight_ == 0) return drained();
  parts_.timers.at(at_the_latest, [this] { drained(); });
}

// Appends that are under way end before the log is closed, so the last answers are recorded.
void Lane::drained() {
  if (!on_drained_) return;
  closed_ = true;
  FAILPOINT("drained");
  parts_.log.close(std::exchange(on_drained_, nullptr));
}

}  // namespace skald::runtime
