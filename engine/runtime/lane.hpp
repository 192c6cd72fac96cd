// Lane: the owner of some partitions and of every running saga in them. It performs what plan() lists and brings
// back what happened; it knows no rule of sagas. drive() is the only place that appends saga events.
//
// One thread calls it. It knows no Asio: the log, the timers and the services are handed to it, so the simulator
// runs the very same code on a virtual clock.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/core/decide.hpp"
#include "engine/runtime/live_saga.hpp"
#include "engine/runtime/service_caller.hpp"
#include "engine/runtime/timers.hpp"
#include "eventstore/log.hpp"

namespace skald::runtime {

struct LaneParts {
  store::Log& log;
  Timers& timers;
  ServiceCaller& services;
  Metrics& metrics;
  std::function<void(std::function<void()>)> post;  // runs it soon, on this lane's thread
  std::function<std::shared_ptr<const sagas::Catalog>()> catalog;
  // Learns the definitions that other nodes have put meanwhile.
  std::function<void(std::function<void()> done)> refresh_catalog = [](std::function<void()> done) { done(); };
  std::function<void(Partition, bool owned)> ownership_changed;
  Json secrets;  // the value of .secrets
  std::size_t max_active_sagas = 100'000;
  Random random;
};

class Lane {
 public:
  explicit Lane(LaneParts parts);

  // Claims partitions, recovers their running sagas, beats every second from then on.
  void open();
  // No new call leaves from here on; `done` when no answer is awaited any more and the partitions are handed back.
  void drain(Timestamp at_the_latest, std::function<void()> done);

  bool owns(Partition partition) const { return owned_.contains(partition); }
  // One of the own partitions, in turn; for sagas without a business key.
  std::optional<Partition> next_partition();

  // A new saga of an own partition. `done` gets its snapshot once `satisfied` holds or the patience (none: as soon
  // as it is durable) has ended; or what stands in the way.
  struct Begin {
    SagaId id;
    sagas::CatalogEntry entry;
    core::StartRequested start;
    std::optional<Duration> patience;
    Satisfied satisfied;
  };
  using BeginOutcome = std::variant<Snapshot, store::StartKeyTaken>;
  void begin(Begin begin, Done<BeginOutcome> done);

  void find(SagaId id, Done<Snapshot> done);
  void await(SagaId id, Satisfied satisfied, Duration patience, Done<Snapshot> done);
  void cancel(SagaId id, core::CancelRequested request, Done<Snapshot> done);

  // How a snapshot is taken of a saga that is not in memory: folded from its events.
  void read(SagaId id, Done<Snapshot> done);

 private:
  using LiveDone = std::function<void(Result<LiveSaga*>)>;

  // drive.cpp: the path of every input. Where a function may let the saga leave the memory, it says so.
  void drive(LiveSaga& saga, core::Input input, std::function<void(Result<void>)> done = {});
  void advance(LiveSaga& saga);
  void consider(LiveSaga& saga, Pending pending);
  void append(LiveSaga& saga, core::Decision decision, Pending cause);
  void committed(LiveSaga& saga, const store::Committed& commit, core::Decision decision);
  void not_appended(LiveSaga& saga, Pending cause, const store::AppendResult& why);
  void resume_stalled();
  std::optional<store::SagaStatus> row_change(const LiveSaga& saga, const core::State& next) const;
  bool is_idle(const LiveSaga& saga) const;

  // perform.cpp: commands.
  void perform(LiveSaga& saga);
  void begin(LiveSaga& saga, const core::Command& command);
  void wait_or_send(LiveSaga& saga, Outstanding& outstanding, Timestamp not_before);
  void send(LiveSaga& saga, Outstanding& outstanding);
  void send_later(SagaId id, std::uint64_t ticket);
  void send_held();
  void send_due(LiveSaga& saga);
  void report_soon(SagaId id, std::uint64_t ticket, CallFault fault);
  void answered(SagaId id, std::uint64_t ticket, CallResult result);

  // waiting.cpp: requests that wait for a saga.
  void add_waiter(LiveSaga& saga, Satisfied satisfied, Duration patience, Done<Snapshot> done);
  void answer_waiters(LiveSaga& saga);
  void answer_waiters(LiveSaga& saga, const std::function<bool(const Waiter&)>& is_due);

  // recovery.cpp: partitions and sagas that come, and go.
  void with_saga(SagaId id, LiveDone done);
  void ask_again(SagaId id);
  void load(SagaId id);
  void fold(std::shared_ptr<LiveSaga> saga, Done<std::shared_ptr<LiveSaga>> done);
  void define(std::shared_ptr<LiveSaga> saga, Done<std::shared_ptr<LiveSaga>> done);
  void loaded(SagaId id, Result<std::shared_ptr<LiveSaga>> saga);
  void change(const store::Ownership& ownership);
  void recover(std::vector<Partition> partitions, std::optional<SagaId> after);
  void recover_later(SagaId id, const Error& why);
  void wake_parked();
  void beat();
  bool is_confirmed() const;
  void forget(SagaId id);
  void drained();

  LaneParts parts_;
  std::set<Partition> owned_;
  std::unordered_map<SagaId, std::unique_ptr<LiveSaga>> live_;
  std::unordered_map<SagaId, std::vector<LiveDone>> loading_;  // or being started
  std::vector<SagaId> stalled_;  // with inputs that wait for the database to come back
  std::vector<std::pair<SagaId, std::uint64_t>> held_;  // calls that wait until the writer is confirmed
  Timestamp confirmed_at_;                              // when this lane's writer was last known to stand
  std::uint64_t last_ticket_ = 0;
  std::size_t in_flight_ = 0;  // calls whose answer is awaited
  std::uint16_t turn_ = 0;  // the partition that next_partition() gave last
  bool draining_ = false;
  bool closed_ = false;
  std::function<void()> on_drained_;
};

}  // namespace skald::runtime
