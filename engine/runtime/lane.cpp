#include "engine/runtime/lane.hpp"

#include "engine/base/check.hpp"
#include "engine/base/failpoint.hpp"
#include "engine/runtime/business_key.hpp"

namespace skald::runtime {

Lane::Lane(LaneParts parts) : parts_(std::move(parts)) {
  key_of_child_ = [this](const std::string& definition, const Json& input) -> Result<std::optional<std::string>> {
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
  if (live_.size() >= parts_.max_active_sagas) {
    parts_.metrics.starts_refused.Increment();
    return done(unavailable("as many sagas are running as this node takes"));
  }
  auto fresh = std::make_unique<LiveSaga>();
  LiveSaga& saga = *fresh;
  saga.id = begin.id;
  saga.state.id = begin.id;
  saga.definition = begin.entry.definition;
  saga.on_key_taken = [done](store::StartKeyTaken taken) { done(BeginOutcome{taken}); };
  live_.emplace(begin.id, std::move(fresh));
  parts_.metrics.active_sagas.Increment();
  drive(saga, std::move(begin.start),
        [this, id = begin.id, patience = begin.patience, satisfied = begin.satisfied, done](Result<void> started) {
          if (!started) return done(started.error());
          LiveSaga& saga = *live_.at(id);
          if (!patience) return done(BeginOutcome{saga.snapshot()});
          FAILPOINT("start-durable-and-awaited");
          add_waiter(saga, satisfied, *patience, [done](Result<Snapshot> snapshot) {
            if (!snapshot) return done(snapshot.error());
            done(BeginOutcome{std::move(*snapshot)});
          });
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
  with_saga(id, [this, satisfied = std::move(satisfied), patience, done = std::move(done)](Result<LiveSaga*> saga) {
    if (!saga) return done(saga.error());
    if (satisfied(*(*saga)->definition, (*saga)->state)) return done((*saga)->snapshot());
    add_waiter(**saga, satisfied, patience, done);
  });
}

void Lane::ask(SagaId id, core::Input input, Done<Snapshot> done) {
  FAILPOINT("cancel-received");
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
