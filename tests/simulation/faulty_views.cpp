#include "tests/simulation/faulty_views.hpp"

namespace skald::simulation {

using namespace std::chrono_literals;

namespace {

// Of batches and of reads, once in so many times.
constexpr std::uint64_t kLost = 30, kUnknown = 20, kLate = 20, kUnread = 60;

}  // namespace

FaultyViews::FaultyViews(SharedViews& shared, store::Post post)
    : MemoryViewStore(shared.kept, post), shared_(shared), post_(std::move(post)) {}

FaultyViews::~FaultyViews() {
  for (; unheard_ > 0; --unheard_) shared_.surroundings.faults.hit(Fault::ViewCommitUnheard);
}

void FaultyViews::apply(store::ViewBatch batch, std::function<void(store::ViewApplied)> done) {
  if (shared_.hit_by(Fault::ViewBatchLost, kLost))
    return post_([done] { done(store::ViewsUnavailable{"the simulated database lost it"}); });
  MemoryViewStore::apply(std::move(batch), [this, done](store::ViewApplied result) {
    if (std::holds_alternative<store::ViewsElsewhere>(result))
      shared_.surroundings.faults.hit(Fault::ViewFoldedByAnother);
    if (!std::holds_alternative<store::ViewsApplied>(result)) return done(std::move(result));
    answer_commit(done);
  });
}

void FaultyViews::answer_commit(const std::function<void(store::ViewApplied)>& done) {
  ++unheard_;
  store::ViewApplied result = store::ViewsApplied{};
  if (shared_.hit_by(Fault::ViewCommitUnknown, kUnknown))
    result = store::ViewsUnavailable{"the simulated connection broke"};
  const auto arrive = [this, alive = std::weak_ptr(alive_), result, done] {
    if (alive.expired()) return;
    post_([this, result, done] {
      --unheard_;
      done(result);
    });
  };
  if (!shared_.hit_by(Fault::ViewCommitAnsweredLate, kLate)) return arrive();
  shared_.surroundings.after(shared_.chance.between(1ms, 3s), arrive);
}

// Done, and whether it was is not known.
store::Done<bool> FaultyViews::perhaps_heard(store::Done<bool> done) {
  return [this, done = std::move(done)](Result<bool> result) {
    if (shared_.hit_by(Fault::ViewCommitUnknown, kUnknown))
      result = unavailable("the simulated connection broke");
    post_([done, result] { done(result); });
  };
}

void FaultyViews::make_indexes(store::Generation generation, store::ViewTable table, store::Done<bool> done) {
  MemoryViewStore::make_indexes(generation, std::move(table), perhaps_heard(std::move(done)));
}
void FaultyViews::switch_to(store::Generation generation, store::Done<bool> done) {
  MemoryViewStore::switch_to(generation, perhaps_heard(std::move(done)));
}

template <class T>
bool FaultyViews::refused(const store::Done<T>& done) {
  if (!shared_.hit_by(Fault::ViewReadFailed, kUnread)) return false;
  post_([done] { done(unavailable("the simulated database is away")); });
  return true;
}

void FaultyViews::list_views(std::int64_t known, store::Done<std::optional<store::ViewRegistry>> done) {
  if (!refused(done)) MemoryViewStore::list_views(known, std::move(done));
}
void FaultyViews::checkpoints(std::vector<Partition> partitions,
                              store::Done<std::vector<store::Checkpoint>> done) {
  if (!refused(done)) MemoryViewStore::checkpoints(std::move(partitions), std::move(done));
}
void FaultyViews::heads(std::vector<Partition> partitions, store::Done<std::vector<std::int64_t>> done) {
  if (!refused(done)) MemoryViewStore::heads(std::move(partitions), std::move(done));
}
void FaultyViews::read_partition(Partition partition, std::int64_t after, std::size_t limit,
                                 store::Done<std::vector<store::StoredEvent>> done) {
  if (!refused(done)) MemoryViewStore::read_partition(partition, after, limit, std::move(done));
}
void FaultyViews::read_saga(SagaId saga, std::int32_t after, std::size_t limit,
                            store::Done<std::vector<store::StoredEvent>> done) {
  if (!refused(done)) MemoryViewStore::read_saga(saga, after, limit, std::move(done));
}

}  // namespace skald::simulation
