#include "tests/simulation/node.hpp"

#include "tests/simulation/owners.hpp"

namespace skald::simulation {
namespace {

constexpr std::int32_t kLanes = 2;

}  // namespace

LaneOfNode::LaneOfNode(House& house, store::LaneName name, NodeViews& views)
    : house_(house),
      log_(house.surroundings, house.witness, house.store, std::move(name),
           [this](std::function<void()> act) { post(std::move(act)); }),
      caller_(house.services, [this](std::function<void()> act) { post(std::move(act)); }),
      others_(std::make_unique<FarOwners>(house, *this)),
      lane_(std::make_unique<runtime::Lane>(runtime::LaneParts{
          .log = log_,
          .timers = timers_,
          .services = caller_,
          .others = others_,
          .metrics = house.metrics,
          .post = [this](std::function<void()> act) { post(std::move(act)); },
          .catalog = [&house] { return house.catalog; },
          .ownership_changed = [&views](Partition partition, bool owned) { views.own(partition, owned); },
          .appended = [&views](views::CommittedEvents events) { views.take(std::move(events)); },
          .secrets = {},
          .max_active_sagas = house.max_active_sagas,
          .random = house.surroundings.chance.branch(),
      })) {
  log_.after_commit = [this](SagaId saga) { compare(saga); };
  post([this] { lane_->open(); });
}

void LaneOfNode::take_turn() {
  const auto act = std::move(turns_.front());
  turns_.pop_front();
  act();
}

void LaneOfNode::run_timers() {
  timers_.run_due(house_.surroundings.database_now());
}

// A saga that has left the memory is read from the log, which is compared just as well.
void LaneOfNode::compare(SagaId saga) {
  lane_->find(saga, [this](Result<runtime::Snapshot> snapshot) {
    if (snapshot) house_.witness.compare(snapshot->state);
  });
}

Node::Node(House& house, const std::string& node_name)
    : name(node_name), views(house.views, [&house] { return house.catalog; }) {
  for (std::int32_t lane = 0; lane < kLanes; ++lane)
    lanes.push_back(std::make_unique<LaneOfNode>(house, store::LaneName{node_name, lane, kLanes}, views));
}

}  // namespace skald::simulation
