// Views in memory: MemoryViews is what the database keeps of them, MemoryViewStore one runner's handle to it.
// Held to the same contract suite as views on PostgreSQL; for unit tests of the runner and the simulator.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/memory.hpp"
#include "eventstore/view_rows.hpp"
#include "eventstore/view_store.hpp"

namespace skald::store {

class MemoryViews {
 public:
  explicit MemoryViews(MemoryStore& log) : log_(log) {}

  MemoryStore& log() { return log_; }
  std::optional<ViewRegistry> list(std::int64_t known) const;
  ViewStore::Put put(const NewView& view);
  bool stop(Generation generation, const ViewStop& stop);
  bool skip(Generation generation, Position place);
  bool index(Generation generation);
  bool compare(Generation generation);
  bool switch_to(Generation generation);
  std::vector<Checkpoint> checkpoints(const std::vector<Partition>& partitions) const;
  Result<ViewProgress> progress(Generation generation) const;
  std::int64_t head(Partition partition) const;
  ViewApplied apply(const ViewBatch& batch);
  ViewPage read(const ViewRead& read) const;
  // All rows of a generation, by key.
  std::vector<ViewRows::Row> rows(Generation generation) const;

 private:
  struct Kept {
    ViewGeneration row;
    ViewTable table;
    ViewRows rows;
    std::map<Partition, Checkpoint> checkpoints;
  };
  Kept* living(Generation generation);
  const Kept* living(Generation generation) const;
  Kept* active_of(const std::string& view);
  void retire(Generation generation);
  bool is_there(const ViewAdvance& advance) const;

  MemoryStore& log_;
  std::int64_t revision_ = 1;
  Generation last_ = 0;
  std::map<Generation, Kept> generations_;                                     // those that are not retired
  std::map<std::pair<std::string, std::string>, std::set<Position>> skipped_;  // by view and hash
};

class MemoryViewStore : public ViewStore {
 public:
  MemoryViewStore(MemoryViews& views, Post post);

  void partition_count(Done<std::uint16_t> done) override;
  void list_views(std::int64_t known, Done<std::optional<ViewRegistry>> done) override;
  void put_view(NewView view, Done<Put> done) override;
  void stop_view(Generation generation, ViewStop stop, Done<bool> done) override;
  void skip_event(Generation generation, Position place, std::string by, std::string reason,
                  Done<bool> done) override;
  void make_indexes(Generation generation, ViewTable table, Done<bool> done) override;
  void compare(Generation generation, ViewTable table, Done<bool> done) override;
  void switch_to(Generation generation, Done<bool> done) override;
  void show(ViewTable table, Done<bool> done) override;
  void drop_retired(Duration ago, Done<std::int32_t> done) override;
  void checkpoints(std::vector<Partition> partitions, Done<std::vector<Checkpoint>> done) override;
  void progress(Generation generation, Done<ViewProgress> done) override;
  void heads(std::vector<Partition> partitions, Done<std::vector<std::int64_t>> done) override;
  void apply(ViewBatch batch, std::function<void(ViewApplied)> done) override;
  void read(ViewRead read, Done<ViewPage> done) override;
  void read_partition(Partition partition, std::int64_t after, std::size_t limit,
                      Done<std::vector<StoredEvent>> done) override;
  void read_saga(SagaId saga, std::int32_t after, std::size_t limit,
                 Done<std::vector<StoredEvent>> done) override;

 private:
  // Posts `act`, which is dropped when this store is gone by then.
  void later(std::function<void()> act);

  MemoryViews& views_;
  Post post_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace skald::store
