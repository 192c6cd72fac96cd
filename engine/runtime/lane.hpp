// Lane: the owner of some partitions and of every running saga in them. It performs what they ask for and
// brings back what happened; it knows no rule of sagas. drive() is the only place that appends saga events.
//
// One thread calls it. It knows no Asio: the log, the timers and the services are handed to it, so the
// simulator runs the very same code on a virtual clock.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/core/decide.hpp"
#include "engine/runtime/live_saga.hpp"
#include "engine/runtime/other_sagas.hpp"
#include "engine/runtime/service_caller.hpp"
#include "engine/runtime/task_board.hpp"
#include "engine/runtime/timers.hpp"
#include "eventstore/log.hpp"
#include "projections/view_event.hpp"

namespace skald::runtime {

inline constexpr const char* kSagaMoved = "the saga moved to another node; ask again";

struct LaneParts {
  store::Log& log;
  Timers& timers;
  ServiceCaller& services;
  OtherSagas& others;
  Metrics& metrics;
  std::function<void(std::function<void()>)> post;  // runs it soon, on this lane's thread
  std::function<std::shared_ptr<const sagas::Catalog>()> catalog;
  // Learns the definitions that other nodes have put meanwhile.
  std::function<void(std::function<void()> done)> refresh_catalog = [](std::function<void()> done) {
    done();
  };
  std::function<void(Partition, bool owned)> ownership_changed;
  // Every append of this lane, once it is durable: for the views.
  std::function<void(views::CommittedEvents)> appended = [](views::CommittedEvents) {};
  Json secrets;  // the value of .secrets
  std::size_t max_active_sagas = 100'000;
  Random random;
};

class Lane {
 public:
  explicit Lane(LaneParts parts);

  // Claims partitions, recovers their running sagas, beats every second from then on.
  void open();
  // No new call leaves from here on; `done` when no answer is awaited any more and the partitions are handed
  // back.
  void drain(Timestamp at_the_latest, std::function<void()> done);

  bool owns(Partition partition) const { return owned_.contains(partition); }
  // One of the own partitions, in turn; for sagas without a business key.
  std::optional<Partition> next_partition();

  // A new saga of an own partition. `done` gets its snapshot once `satisfied` holds or the patience (none: as
  // soon as it is durable) has ended; or what stands in the way.
  struct Begin {
    SagaId id;
    sagas::CatalogEntry entry;
    core::StartRequested start;
    std::optional<Duration> patience{};
    Satisfied satisfied{};
    bool by_saga = false;  // a saga that was accepted already cannot end without it
  };
  using BeginOutcome = std::variant<Snapshot, store::StartKeyTaken>;
  void begin(Begin begin, Done<BeginOutcome> done);

  void find(SagaId id, Done<Snapshot> done);
  void await(SagaId id, Satisfied satisfied, Duration patience, Done<Snapshot> done);
  // What somebody asks of a saga: a cancel, a signal, an operator's act.
  void ask(SagaId id, core::Input input, Done<Snapshot> done);

  // tasks.cpp
  std::vector<LeasedTask> take_tasks(const TaskPoll& poll);
  void await_tasks(TaskBoard::Worker worker);
  void pass_task_on(const std::string& queue) { board_.pass_on(queue); }
  // Conflict where the lease is over or another worker's, NotFound where there never was such a task.
  void word_of_worker(const TaskName& task, core::Input word, Done<Snapshot> done);
  void heartbeat(const TaskName& task, Duration lease, Done<Timestamp> done);

  // How a snapshot is taken of a saga that is not in memory: folded from its events.
  void read(SagaId id, Done<Snapshot> done);

 private:
  using LiveDone = std::function<void(Result<LiveSaga*>)>;
  void begun_before(SagaId id, Done<BeginOutcome> done);

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
  struct Next {
    core::Command command;
    enum class Earlier { None, NotSent, PerhapsSent } earlier;  // what became of this very attempt until now
  };
  std::optional<Next> not_under_way(LiveSaga& saga, const core::StepPath& step);
  void drop(const Outstanding& outstanding);
  void begin(LiveSaga& saga, Next next);
  void wait_or_send(LiveSaga& saga, Outstanding& outstanding, Timestamp not_before);
  void send(LiveSaga& saga, Outstanding& outstanding);
  void send_later(SagaId id, std::uint64_t ticket);
  void send_held();
  std::optional<GateClosed> send_now(LiveSaga& saga, Outstanding& outstanding);
  void send_due(LiveSaga& saga);
  void report_soon(SagaId id, std::uint64_t ticket, CallFault fault);
  void answered(SagaId id, std::uint64_t ticket, CallResult result);
  void report(SagaId id, std::uint64_t ticket, core::Input input);
  static Outstanding* find_outstanding(LiveSaga& saga, std::uint64_t ticket);

  // gates.cpp: calls that wait for their service.
  void wait_at_gate(LiveSaga& saga, Outstanding& outstanding, const std::string& service, GateClosed closed);
  void watch_gate(const std::string& service, Timestamp until);
  void tell_of_circuit(LiveSaga& saga, const Outstanding& outstanding, Timestamp until);
  void open_gate(const std::string& service);
  static std::string service_of(const LiveSaga& saga, const Outstanding& outstanding);

  // between.cpp: what a saga asks of others.
  using OtherSagasAsk = std::function<void(Done<core::Input> done)>;
  void ask_others(SagaId id, std::uint64_t ticket, OtherSagasAsk ask);
  void ask_others(SagaId id, std::uint64_t ticket, OtherSagasAsk ask, Duration pause);
  void run_child(LiveSaga& saga, const core::RunChild& run, std::uint64_t ticket);
  void undo_child(LiveSaga& saga, const core::UndoChild& undo, std::uint64_t ticket);
  void deliver(LiveSaga& saga, const core::DeliverEvent& command, std::uint64_t ticket);

  // tasks.cpp
  void offer_when_due(LiveSaga& saga, Outstanding& outstanding, Timestamp not_before);
  void offer_task(LiveSaga& saga, Outstanding& outstanding);
  std::optional<LeasedTask> lease(LiveSaga& saga, Outstanding& outstanding, const TaskPoll& poll);
  void extend_lease(LiveSaga& saga, Outstanding& outstanding, Duration lease);
  Outstanding* find_task(const TaskName& task);
  void say_why_not_leased(const TaskName& task, std::function<void(Error)> done);

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
  void lose(const std::vector<Partition>& partitions);
  void recover(std::vector<Partition> partitions, std::optional<SagaId> after);
  void recover_later(SagaId id, const Error& why);
  void recover_unread();
  void wake_parked();
  void beat();
  bool is_confirmed() const;
  void forget(SagaId id);
  void drained();

  LaneParts parts_;
  TaskBoard board_;
  struct Gate {
    std::deque<std::pair<SagaId, std::uint64_t>> waiting;
    Timers::Id timer = 0;
    GateClosed closed;  // as it was found last
  };
  std::map<std::string, Gate> gates_;  // of services for which something waits
  decltype(core::Context::key_of_child) key_of_child_;
  std::set<Partition> owned_;
  std::unordered_map<SagaId, std::unique_ptr<LiveSaga>> live_;
  std::unordered_map<SagaId, std::vector<LiveDone>> loading_;  // or being started
  std::map<Partition, std::uint64_t>
      losses_;                   // how often each was lost: what was asked before says nothing any more
  std::set<SagaId> unread_;      // running sagas that could not be loaded yet
  std::vector<SagaId> stalled_;  // with inputs that wait for the database to come back
  std::vector<std::pair<SagaId, std::uint64_t>> held_;  // calls that wait until the writer is confirmed
  Timestamp confirmed_at_;                              // when this lane's writer was last known to stand
  std::uint64_t last_ticket_ = 0;
  std::size_t in_flight_ = 0;  // calls whose answer is awaited
  std::uint16_t turn_ = 0;     // the partition that next_partition() gave last
  bool draining_ = false;
  bool closed_ = false;
  std::function<void()> on_drained_;
};

}  // namespace skald::runtime
