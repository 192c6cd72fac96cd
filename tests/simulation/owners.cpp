#include "tests/simulation/owners.hpp"

#include "tests/simulation/node.hpp"

namespace skald::simulation {

using namespace std::chrono_literals;

namespace {

// An answer that is awaited by a lane, for as long as that lane lives. It comes once; where nobody can give
// it any more, its end is the answer.
template <class T>
class Awaited {
 public:
  Awaited(LaneOfNode& home, runtime::Done<T> done)
      : home_(home), home_is_there_(home.alive()), done_(std::move(done)) {}
  ~Awaited() { tell(unavailable("whoever was asked is gone")); }
  Awaited(const Awaited&) = delete;
  Awaited& operator=(const Awaited&) = delete;

  void tell(Result<T> result) {
    if (!done_ || home_is_there_.expired()) return;
    home_.post([done = std::exchange(done_, nullptr), result = std::move(result)]() mutable {
      done(std::move(result));
    });
  }

 private:
  LaneOfNode& home_;
  std::weak_ptr<const bool> home_is_there_;
  runtime::Done<T> done_;
};

}  // namespace

template <class T>
void FarOwners::at_owner(Partition partition, runtime::Done<T> done,
                         std::function<void(runtime::Lane&, runtime::Done<T>)> act) {
  Surroundings& around = house_.surroundings;
  auto awaited = std::make_shared<Awaited<T>>(home_, std::move(done));
  const auto noticed_later = [&](Fault fault) {
    around.faults.hit(fault);
    around.after(around.chance.between(1ms, 2s), [awaited] {});
  };
  const std::uint64_t fate = around.faulty ? around.chance.below(40) : 40;
  if (fate == 0) return noticed_later(Fault::MessageLost);
  LaneOfNode* owner = house_.owner_of(partition);
  if (!owner) return around.after(10ms, [awaited] {});
  runtime::Done<T> answer = [awaited](Result<T> result) { awaited->tell(std::move(result)); };
  if (fate == 1) {
    noticed_later(Fault::MessageAnswerLost);
    answer = [](Result<T>) {};
  }
  owner->post([owner, act = std::move(act), answer = std::move(answer)] { act(owner->lane(), answer); });
}

void FarOwners::begin(runtime::Lane::Begin begin, runtime::Done<runtime::Lane::BeginOutcome> done) {
  const Partition partition = begin.id.partition();
  at_owner<runtime::Lane::BeginOutcome>(
      partition, std::move(done),
      [begin = std::move(begin)](runtime::Lane& lane, auto answer) { lane.begin(begin, std::move(answer)); });
}

void FarOwners::ask(SagaId id, core::Input input, runtime::Done<runtime::Snapshot> done) {
  at_owner<runtime::Snapshot>(id.partition(), std::move(done),
                              [id, input = std::move(input)](runtime::Lane& lane, auto answer) {
                                lane.ask(id, input, std::move(answer));
                              });
}

void FarOwners::await(SagaId id, runtime::Satisfied satisfied, Duration patience,
                      runtime::Done<runtime::Snapshot> done) {
  at_owner<runtime::Snapshot>(
      id.partition(), std::move(done),
      [id, satisfied = std::move(satisfied), patience](runtime::Lane& lane, auto answer) {
        lane.await(id, satisfied, patience, std::move(answer));
      });
}

store::Log& FarOwners::log() {
  return home_.log();
}
Random& FarOwners::random() {
  return house_.surroundings.chance.random();
}
std::optional<Partition> FarOwners::next_partition() {
  return home_.lane().next_partition();
}
std::shared_ptr<const sagas::Catalog> FarOwners::catalog() {
  return house_.catalog;
}

}  // namespace skald::simulation
