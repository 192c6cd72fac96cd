// FaultyViews: a process's handle to the views in memory, over a connection that breaks: batches that are
// lost, that are committed and answered late or with "unknown", reads that fail. Between a commit and its
// answer there is always a turn, so that the process may be gone by then. All within the contract of
// store::ViewStore.
#pragma once

#include <functional>
#include <memory>

#include "eventstore/memory_views.hpp"
#include "tests/simulation/surroundings.hpp"

namespace skald::simulation {

// What all processes of a run share of the views. They draw from a chance of their own: nothing that happens
// to views changes what happens to sagas, so a seed has the log that it would have without them.
struct SharedViews {
  SharedViews(std::uint64_t seed, Surroundings& around, store::MemoryStore& store)
      : surroundings(around), chance(~seed), kept(store) {}

  Surroundings& surroundings;
  Chance chance;
  store::MemoryViews kept;

  // Whether this kind of fault takes effect now, as it does once in so many times.
  bool hit_by(Fault fault, std::uint64_t once_in) {
    const bool hit = surroundings.faulty && chance.one_in(once_in);
    if (hit) surroundings.faults.hit(fault);
    return hit;
  }
};

class FaultyViews final : public store::MemoryViewStore {
 public:
  FaultyViews(SharedViews& shared, store::Post post);
  ~FaultyViews() override;

  void apply(store::ViewBatch batch, std::function<void(store::ViewApplied)> done) override;
  void make_indexes(store::Generation generation, store::ViewTable table, store::Done<bool> done) override;
  void switch_to(store::Generation generation, store::Done<bool> done) override;
  void list_views(std::int64_t known, store::Done<std::optional<store::ViewRegistry>> done) override;
  void checkpoints(std::vector<Partition> partitions,
                   store::Done<std::vector<store::Checkpoint>> done) override;
  void heads(std::vector<Partition> partitions, store::Done<std::vector<std::int64_t>> done) override;
  void read_partition(Partition partition, std::int64_t after, std::size_t limit,
                      store::Done<std::vector<store::StoredEvent>> done) override;
  void read_saga(SagaId saga, std::int32_t after, std::size_t limit,
                 store::Done<std::vector<store::StoredEvent>> done) override;

 private:
  void answer_commit(const std::function<void(store::ViewApplied)>& done);
  store::Done<bool> perhaps_heard(store::Done<bool> done);
  template <class T>
  bool refused(const store::Done<T>& done);

  SharedViews& shared_;
  store::Post post_;
  std::size_t unheard_ = 0;  // commits whose answer is on its way
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace skald::simulation
