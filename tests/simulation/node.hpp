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
#include "engine/runtime/router.hpp"
#include "tests/simulation/faulty_log.hpp"
#include "tests/simulation/node_views.hpp"
#include "tests/simulation/services.hpp"

namespace skald::simulation {

class LaneOfNode;

// What all nodes of a run share.
struct House {
  Surroundings& surroundings;
  Witness& witness;
  Services& services;
  store::MemoryStore& store;
  SharedViews& views;
  runtime::Metrics& metrics;
  std::shared_ptr<const sagas::Catalog> catalog;
  std::function<LaneOfNode*(Partition)> owner_of;  // null: nobody has it now
  std::size_t max_active_sagas = 1'000;            // of a lane
};

class LaneOfNode {
 public:
  LaneOfNode(House& house, store::LaneName name, NodeViews& views);

  void post(std::function<void()> act) { turns_.push_back(std::move(act)); }
  bool has_turn() const { return !turns_.empty(); }
  void take_turn();
  void run_timers();
  std::optional<Timestamp> next_due() const { return timers_.next_due(); }

  runtime::Lane& lane() { return *lane_; }
  FaultyLog& log() { return log_; }
  runtime::OtherSagas& others() { return others_; }
  // Expires with this lane.
  std::weak_ptr<const bool> alive() const { return alive_; }

 private:
  void compare(SagaId saga);

  House& house_;
  std::deque<std::function<void()>> turns_;
  FaultyLog log_;
  runtime::Timers timers_;
  Caller caller_;
  runtime::SagaRouter others_;
  std::unique_ptr<runtime::Lane> lane_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);  // last: the first to go
};

struct Node {
  Node(House& house, const std::string& name);

  std::string name;
  bool frozen = false;  // a silent zombie: it lives and takes no turn
  NodeViews views;
  std::vector<std::unique_ptr<LaneOfNode>> lanes;
};

}  // namespace skald::simulation
