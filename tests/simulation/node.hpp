// Node: a process with some lanes, made of the parts of production but for log, timers and services. Each
// lane has a queue of turns; whoever drives the node takes one turn at a time, so it can be killed between
// any two of them. It is killed by destroying it: what it had not appended is gone.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/lane.hpp"
#include "tests/runtime/no_other_sagas.hpp"
#include "tests/simulation/faulty_log.hpp"
#include "tests/simulation/services.hpp"

namespace skald::simulation {

// What all nodes of a run share.
struct House {
  Surroundings& surroundings;
  Witness& witness;
  Services& services;
  store::MemoryStore& store;
  runtime::Metrics& metrics;
  std::shared_ptr<const sagas::Catalog> catalog;
};

class LaneOfNode {
 public:
  LaneOfNode(House& house, store::LaneName name);

  void post(std::function<void()> act) { turns_.push_back(std::move(act)); }
  bool has_turn() const { return !turns_.empty(); }
  void take_turn();
  void run_timers();
  std::optional<Timestamp> next_due() const { return timers_.next_due(); }

  runtime::Lane& lane() { return *lane_; }
  FaultyLog& log() { return log_; }

 private:
  void compare(SagaId saga);

  House& house_;
  std::deque<std::function<void()>> turns_;
  FaultyLog log_;
  runtime::Timers timers_;
  Caller caller_;
  test::NoOtherSagas others_;
  std::unique_ptr<runtime::Lane> lane_;
};

struct Node {
  Node(House& house, const std::string& name);

  std::string name;
  bool frozen = false;  // a silent zombie: it lives and takes no turn
  std::vector<std::unique_ptr<LaneOfNode>> lanes;
};

}  // namespace skald::simulation
