// LanesOfEngine: the owners of sagas among the lanes of this engine, each on its own thread.
#pragma once

#include <utility>

#include "engine/runtime/inside.hpp"
#include "engine/runtime/owners.hpp"

namespace skald::runtime {

class LanesOfEngine final : public Owners {
 public:
  LanesOfEngine(Engine::Inside& inside, std::size_t home) : inside_(inside), home_(home) {}

  void begin(Lane::Begin begin, Done<Lane::BeginOutcome> done) override {
    const Partition partition = begin.id.partition();
    at_owner(partition, std::move(done),
             [begin = std::move(begin)](Lane& lane, auto answer) { lane.begin(begin, std::move(answer)); });
  }
  void ask(SagaId id, core::Input input, Done<Snapshot> done) override {
    at_owner(id.partition(), std::move(done), [id, input = std::move(input)](Lane& lane, auto answer) {
      lane.ask(id, input, std::move(answer));
    });
  }
  void await(SagaId id, Satisfied satisfied, Duration patience, Done<Snapshot> done) override {
    at_owner(id.partition(), std::move(done),
             [id, satisfied = std::move(satisfied), patience](Lane& lane, auto answer) {
               lane.await(id, satisfied, patience, std::move(answer));
             });
  }

  store::Log& log() override { return inside_.at(home_).log(); }
  Random& random() override { return inside_.at(home_).random(); }
  std::optional<Partition> next_partition() override { return inside_.at(home_).lane().next_partition(); }
  std::shared_ptr<const sagas::Catalog> catalog() override { return inside_.catalog.load(); }

 private:
  // The answer is posted also where the owner is the lane that asks: a chain of requests, each made when the
  // one before it is answered, would fill the stack.
  template <class T, class Act>
  void at_owner(Partition partition, Done<T> done, Act act) {
    const std::size_t owner = inside_.owner_of(partition, home_);
    auto answer = inside_.posted_to(home_, std::move(done));
    inside_.on_lane(home_, owner, [this, owner, act = std::move(act), answer = std::move(answer)] {
      act(inside_.at(owner).lane(), answer);
    });
  }

  Engine::Inside& inside_;
  std::size_t home_;
};

}  // namespace skald::runtime
