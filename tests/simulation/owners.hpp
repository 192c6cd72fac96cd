// FarOwners: how a lane reaches the owners of sagas on other lanes and nodes. What is asked may get lost on
// its way, and so may the answer; what was asked of a node that dies is answered when that is noticed.
#pragma once

#include <memory>
#include <utility>

#include "engine/runtime/owners.hpp"

namespace skald::simulation {

class LaneOfNode;
struct House;

class FarOwners final : public runtime::Owners {
 public:
  FarOwners(House& house, LaneOfNode& home) : house_(house), home_(home) {}

  void begin(runtime::Lane::Begin begin, runtime::Done<runtime::Lane::BeginOutcome> done) override;
  void ask(SagaId id, core::Input input, runtime::Done<runtime::Snapshot> done) override;
  void await(SagaId id, runtime::Satisfied satisfied, Duration patience,
             runtime::Done<runtime::Snapshot> done) override;

  store::Log& log() override;
  Random& random() override;
  std::optional<Partition> next_partition() override;
  std::shared_ptr<const sagas::Catalog> catalog() override;

 private:
  template <class T>
  void at_owner(Partition partition, runtime::Done<T> done,
                std::function<void(runtime::Lane&, runtime::Done<T>)> act);

  House& house_;
  LaneOfNode& home_;
};

}  // namespace skald::simulation
