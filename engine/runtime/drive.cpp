// The path of every input: decide, append, evolve, perform. Whatever reached a saga goes through here, one at
// a time; nobody is told and nothing leaves before the events are durable.
#include "engine/base/check.hpp"
#include "engine/base/failpoint.hpp"
#include "engine/base/hex.hpp"
#include "engine/base/log.hpp"
#include "engine/core/decide.hpp"
#include "engine/core/event_codec.hpp"
#include "engine/core/evolve.hpp"
#include "engine/runtime/lane.hpp"
#include "engine/runtime/parking.hpp"

namespace skald::runtime {
namespace {

store::SagaStart start_row(const core::Definition& definition, const core::SagaStarted& started) {
  store::SagaStart row{definition.name,      definition.version, definition.hash,
                       started.business_key, started.start_key,  {}};
  if (!started.request_hash.empty())
    CHECK_THAT(read_hex(started.request_hash, row.request_hash), "the engine made this hash itself");
  return row;
}

}  // namespace

void Lane::drive(LiveSaga& saga, core::Input input, std::function<void(Result<void>)> done) {
  saga.inbox.push_back({std::move(input), std::move(done), 0});
  advance(saga);
}

// Afterwards the saga may have left the memory: the caller must not touch it again.
void Lane::advance(LiveSaga& saga) {
  while (!saga.appending && !saga.inbox.empty()) {
    Pending next = std::move(saga.inbox.front());
    saga.inbox.pop_front();
    if (const Outstanding* told = saga.outstanding.of_ticket(next.outcome_of)) {
      saga.replan.steps.push_back(step_of(told->command));
      saga.outstanding.end(*told);
    }
    consider(saga, std::move(next));
  }
  if (!saga.appending && saga.waiters.empty() && is_idle(saga)) forget(saga.id);
}

void Lane::consider(LiveSaga& saga, Pending pending) {
  const core::Context context{parts_.log.now(), parts_.random.next(), parts_.log.partition_count(),
                              key_of_child_};
  FAILPOINT("before-decide");
  auto decision = core::decide(*saga.definition, saga.state, pending.input, context);
  FAILPOINT("after-decide");
  if (!decision) {
    perform(saga);
    if (pending.done) pending.done(decision.error());
  } else if (!decision->events.empty()) {
    append(saga, std::move(*decision), std::move(pending));
  } else {
    FAILPOINT("nothing-to-append");
    saga.replan.after(*decision);
    saga.state = std::move(decision->after);
    perform(saga);
    if (pending.done) pending.done({});
  }
}

void Lane::append(LiveSaga& saga, core::Decision decision, Pending cause) {
  store::Append append;
  append.saga = saga.id;
  append.first_version = saga.state.version + 1;
  for (const core::Event& event : decision.events) {
    append.events.push_back(
        {std::string(core::type_name(event.fact)), core::payload_of(event.fact).dump(), event.time});
    if (const auto* started = std::get_if<core::SagaStarted>(&event.fact))
      append.start = start_row(*saga.definition, *started);
  }
  append.status = row_change(saga, decision.after);
  saga.appending = true;
  const auto row = append.status;
  FAILPOINT("append-handed-over");
  const bool begins = saga.state.version == 0;
  parts_.log.append(std::move(append), [this, id = saga.id, losses = losses_[saga.id.partition()], begins,
                                        row, decision = std::move(decision),
                                        cause = std::move(cause)](store::AppendResult result) mutable {
    const auto found = live_.find(id);
    // Its partition was lost meanwhile: only the log knows what holds, and who was loaded from there.
    if (found == live_.end() || losses != losses_[id.partition()]) {
      if (cause.done) cause.done(unavailable(kSagaMoved));
      return;
    }
    LiveSaga& saga = *found->second;
    saga.appending = false;
    if (const auto* commit = std::get_if<store::Committed>(&result)) {
      confirmed_at_ = parts_.log.now();
      FAILPOINT("append-durable-nothing-folded");
      if (row) {
        saga.row_status = row->status;
        saga.row_parked = row->due_at.has_value();
        saga.row_unknown = false;
      }
      committed(saga, *commit, std::move(decision));
      FAILPOINT("append-performed-nobody-told");
      if (cause.done) cause.done({});
      FAILPOINT("cause-told-waiters-not");
      answer_waiters(saga);
      advance(saga);
      if (begins) ask_again(id);
    } else {
      not_appended(saga, std::move(cause), result);
    }
  });
}

void Lane::committed(LiveSaga& saga, const store::Committed& commit, core::Decision decision) {
  // The log raises a time that would fall behind its partition's last one.
  const bool as_decided = commit.last_time == decision.events.back().time;
  saga.replan.after(decision);
  for (core::Event& event : decision.events) {
    event.time = commit.last_time;
    if (!as_decided) saga.state = core::evolve(std::move(saga.state), event);
    if (log::debugs())
      log::debug("{} {} {}", to_text(saga.id), commit.last.number, core::type_name(event.fact));
    FAILPOINT(core::type_name(event.fact));  // a point for each kind of event
    if (std::holds_alternative<core::SagaStarted>(event.fact)) parts_.metrics.sagas_started.Increment();
    if (const auto* ended = std::get_if<core::SagaEnded>(&event.fact))
      parts_.metrics.sagas_ended(saga.definition->name, ended->status).Increment();
  }
  if (as_decided)
    saga.state = std::move(decision.after);
  else if (decision.progress)
    saga.state = core::note(std::move(saga.state), *decision.progress);
  parts_.metrics.events_appended.Increment(static_cast<double>(decision.events.size()));
  saga.position = commit.last;
  const auto first_version = saga.state.version - static_cast<std::int32_t>(decision.events.size()) + 1;
  parts_.appended({saga.id, first_version, commit.last, std::move(decision.events)});
  perform(saga);
}

void Lane::not_appended(LiveSaga& saga, Pending cause, const store::AppendResult& why) {
  const SagaId id = saga.id;
  if (const auto* taken = std::get_if<store::StartKeyTaken>(&why)) {
    FAILPOINT("start-key-taken");
    const auto on_taken = std::move(saga.on_key_taken);
    forget(id);
    on_taken(*taken);
  } else if (const auto* refused = std::get_if<store::Unstorable>(&why)) {
    log::error("{} cannot be stored: {}", to_text(id), refused->why);
    if (cause.done) cause.done(invalid("this cannot be stored: " + refused->why));
    if (saga.state.version == 0) return forget(id);
    saga.inbox.push_front({core::AppendRefused{refused->why}, {}});
    advance(saga);
  } else if (std::holds_alternative<store::NotOwner>(why)) {
    forget(id);
    if (cause.done) cause.done(unavailable(kSagaMoved));
  } else {
    FAILPOINT("append-refused-log-away");
    const auto& away = std::get<store::LogUnavailable>(why);
    if (cause.done) {
      cause.done(unavailable(away.why));
      send_due(saga);
      return advance(saga);
    }
    // A service's answer or a timer: nobody will say it again, so it is kept until the database is back.
    saga.inbox.push_front(std::move(cause));
    stalled_.push_back(id);
    send_due(saga);
  }
}

void Lane::resume_stalled() {
  for (const SagaId& id : std::exchange(stalled_, {}))
    if (const auto found = live_.find(id); found != live_.end()) advance(*found->second);
}

// The row changes where its status does, and where the saga is parked or ceases to be.
std::optional<store::SagaStatus> Lane::row_change(const LiveSaga& saga, const core::State& next) const {
  store::SagaStatus row{core::status_of(next), std::nullopt, std::nullopt};
  if (next.phase == core::Phase::Ended)
    row.ended_at = next.ended_at;
  else
    row.due_at = parked_until(*saga.definition, next, parts_.log.now());
  const bool as_it_was = row.status == saga.row_status && !row.due_at && !saga.row_parked;
  if (as_it_was && !saga.row_unknown) return std::nullopt;
  return row;
}

bool Lane::is_idle(const LiveSaga& saga) const {
  return saga.state.phase == core::Phase::Ended || saga.row_parked || saga.state.version == 0;
}

}  // namespace skald::runtime
