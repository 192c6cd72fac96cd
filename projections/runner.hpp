// Runner: folds the events of some partitions into all views. What has come in memory goes in first and
// together (the live hand); what is behind, or is being built, is read from the log page by page (the hands
// that catch up), at the same time on other connections. Each batch is one transaction with its checkpoints.
//
// One thread calls it. It knows no Asio: store, time and thread are handed to it, so tests run the very same
// code on a virtual clock. Two runners that take one partition for theirs hinder each other and harm nothing.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "eventstore/view_store.hpp"
#include "projections/generations.hpp"
#include "projections/saga_states.hpp"
#include "projections/window.hpp"

namespace skald::views {

struct RunnerParts {
  store::ViewStore& store;
  SagaStates::FindCatalog catalog;
  // Runs it after that time, on this thread.
  std::function<void(Duration, std::function<void()>)> after;
  // A batch of that view is committed.
  std::function<void(const std::string& view, std::size_t events)> folded = [](const std::string&,
                                                                               std::size_t) {};
  std::function<void(const std::string& view, bool stopped)> stopped = [](const std::string&, bool) {};
  std::function<void()> registry_changed = [] {};
};

// A transaction of so many events takes some 20 ms.
inline constexpr std::size_t kLiveEvents = 2'000;

class Runner {
 public:
  explicit Runner(RunnerParts parts);

  // Learns which views there are, and goes on learning.
  void open();
  void gain(Partition partition);
  void lose(Partition partition);
  // What a lane has appended to a partition of this runner.
  void take(CommittedEvents committed);
  // Looks at the registry now; `done` when it is known.
  void refresh(std::function<void()> done = [] {});

  const Generations& generations() const { return generations_; }
  // By view that is read: the time of the oldest event that it has not taken in, as far as it is known here.
  std::map<std::string, std::optional<Timestamp>> oldest_missing(Timestamp now);
  // Calls once that generation has passed the position, as far as it is folded here; gives a name to forget()
  // it by. 0: it has been called.
  std::uint64_t when_passed(store::Generation generation, Position position, std::function<void()> call);
  void forget(std::uint64_t waiter) { waiters_.erase(waiter); }

 private:
  struct Tail {
    Window window;
    bool known = false;                            // checkpoints and the log's end have been read
    std::int64_t head_seen = 0;                    // a look ago
    std::map<store::Generation, std::int64_t> at;  // checkpoints
    std::set<store::Generation> busy;              // a batch of them is under way
    std::optional<std::int64_t> joining;           // a page that ends where the window begins is under way
  };
  struct Hand {
    SagaStates states;
    bool busy = false;
    bool resting = false;
    bool gathering = false;   // rests, and need not
    std::uint64_t rests = 0;  // counts them
    bool troubled = false;    // it was said that it waits
    Partition turn{};         // that it took last
    bool free() const { return !busy && !resting; }
  };
  // Events of some partitions, and the generations that stand before all of them.
  struct Span {
    Partition partition;
    std::int64_t from = 0, to = 0;
  };
  struct Work {
    std::vector<Span> spans;
    std::vector<store::Generation> generations;
    std::vector<ViewEventPtr> events;
    std::vector<store::Generation> written;  // of the generations those that could take in all events
  };
  using WorkPtr = std::shared_ptr<Work>;
  // The event that a generation cannot take in: it goes up to there, and stops. One in each partition, for
  // whichever is reached first stops it, and none may make another one forgotten.
  struct Poison {
    Position place;
    std::string reason;
    bool told = false;
  };

  // runner.cpp: what to do next.
  void step();
  void begin_live();
  std::size_t waiting() const;
  std::size_t waiting_for(const FoldedView& view) const;
  std::vector<Span> live_spans(store::Generation generation) const;
  std::int64_t next_stand(store::Generation generation, const Tail& tail) const;
  bool is_live(const FoldedView& view) const { return view.can_fold() && view.row.indexed; }
  bool stands_at(store::Generation generation, const std::vector<Span>& spans) const;
  void begin_catch_up(std::size_t number);
  std::optional<Work> behind(Partition partition, const Tail& tail) const;
  bool is_behind(const FoldedView& view, const Tail& tail) const;
  std::int64_t last_allowed(store::Generation generation, Partition partition, std::int64_t last) const;
  std::size_t limit_of(store::Generation generation) const;
  void take_hold(const Work& work);
  void let_go(const Work& work);

  // folding.cpp: a batch from its events to its commit.
  void fold(Hand& hand, WorkPtr work);
  Result<store::ViewBatch> changes_of(Hand& hand, const Work& work);
  static std::vector<store::ViewAdvance> advances_of(const Work& work);
  void applied(Hand& hand, const Work& work, const store::ViewApplied& result);
  void committed(Hand& hand, const Work& work);
  void refused(const Work& work, const std::string& why);
  void failed(Hand& hand, const Work& work, const Error& why);
  void ended(Hand& hand, const Work& work);
  void gather();
  void gather_no_more();
  void rest(Hand& hand, Duration span);
  static void rise(Hand& hand);
  void stop_where_poisoned();
  void stop_noted(std::pair<store::Generation, Partition> where, const Poison& poison, bool noted);

  // knowing.cpp: registry, checkpoints, the log's ends.
  void know(const std::vector<Partition>& partitions);
  void know_checkpoints();
  void look_at_registry();
  void look_at_heads();
  void trim(Tail& tail);
  void trim_all();
  void tell_waiters();
  std::vector<Partition> partitions() const;
  void after(Duration span, std::function<void()> act);

  RunnerParts parts_;
  Generations generations_;
  std::map<Partition, Tail> tails_;
  Hand live_;
  // Each has its share of the partitions, so that one folds while the other's rows are being written.
  std::array<Hand, 2> catch_up_;
  // Some value of a batch was refused: these go alone, and so many events at once.
  std::map<store::Generation, std::size_t> limits_;
  std::map<std::pair<store::Generation, Partition>, Poison> poison_;
  std::map<store::Generation, Timestamp> missing_since_;
  struct Waiter {
    store::Generation generation;
    Position position;
    std::function<void()> call;
  };
  std::map<std::uint64_t, Waiter> waiters_;
  std::uint64_t last_waiter_ = 0;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace skald::views
