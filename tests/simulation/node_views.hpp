// NodeViews: the views' part of a process, as engine/runtime/view_thread is on a thread: production's runner
// and builder, told by the lanes what they own and what they have appended. Whoever drives the node takes one
// turn at a time; it dies with its node, or alone, between any two of them.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "engine/runtime/timers.hpp"
#include "projections/builder.hpp"
#include "projections/runner.hpp"
#include "tests/simulation/faulty_views.hpp"

namespace skald::simulation {

class NodeViews {
 public:
  NodeViews(SharedViews& shared, views::SagaStates::FindCatalog catalog);

  // By the lanes.
  void own(Partition partition, bool owned);
  void take(views::CommittedEvents committed);

  bool has_turn() const { return !turns_.empty(); }
  void take_turn();
  void run_timers() { process_->timers.run_due(shared_.surroundings.now); }
  std::optional<Timestamp> next_due() const { return process_->timers.next_due(); }
  // What was under way is gone; the next one begins with what the lanes own.
  void die();

 private:
  struct Process {
    Process(NodeViews& node, SharedViews& shared);
    void after(const SharedViews& shared, Duration span, std::function<void()> act) {
      timers.at(shared.surroundings.now + span, std::move(act));
    }
    runtime::Timers timers;
    FaultyViews store;
    views::Runner runner;
    views::Builder builder;
  };
  void begin();
  void post(std::function<void()> act) { turns_.push_back(std::move(act)); }

  SharedViews& shared_;
  views::SagaStates::FindCatalog catalog_;
  std::set<Partition> owned_;
  std::deque<std::function<void()>> turns_;
  std::unique_ptr<Process> process_;
};

}  // namespace skald::simulation
