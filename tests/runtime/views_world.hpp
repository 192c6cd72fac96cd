// ViewsWorld: lanes, and runners that fold what they append into views in memory, on one clock that only the
// test moves. Runners come and go as processes do: what was on its way to one is gone with it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "eventstore/memory_views.hpp"
#include "projections/builder.hpp"
#include "projections/reading.hpp"
#include "projections/runner.hpp"
#include "tests/runtime/world.hpp"

namespace skald::test {

// The views in memory, which refuse a text that a test names as PostgreSQL would refuse a value.
class PickyViews final : public store::MemoryViewStore {
 public:
  using MemoryViewStore::MemoryViewStore;
  std::string refused;               // empty: nothing
  bool away = false;                 // the database
  std::vector<std::size_t> batches;  // views in each that was asked for
  std::size_t pages = 0;             // of the log that were read
  void apply(store::ViewBatch batch, std::function<void(store::ViewApplied)> done) override;
  void read_partition(Partition partition, std::int64_t after, std::size_t limit,
                      store::Done<std::vector<store::StoredEvent>> done) override;
};

class ViewsWorld {
 public:
  explicit ViewsWorld(std::string definition);

  struct Process {
    explicit Process(ViewsWorld& world);
    runtime::Timers timers;
    PickyViews store;
    views::Runner runner;
    views::Builder builder;
    views::Reading reading;
  };
  Process& start_process();
  void kill(Process& process);

  void put(const std::string& yaml, bool again = false);
  // Lets everything happen that happens in that time; false: nothing more can be waited for.
  void pass(Duration span);
  // Of the active generation, or of the one that is being built; and what folding the whole log afresh gives.
  std::vector<store::ViewRows::Row> rows(const std::string& view) const;
  std::vector<store::ViewRows::Row> fresh_fold(const std::string& yaml) const;
  const store::ViewGeneration* generation(const std::string& view, bool active = true);
  // Everybody has taken in everything.
  bool caught_up() const;

  World world;
  Node& node;
  store::MemoryViews views;
  std::vector<std::unique_ptr<Process>> processes;
  int lose_every = 0;  // so many messages of lanes get lost: every n-th

 private:
  store::ViewRegistry registry_;
  int told_ = 0;
};

}  // namespace skald::test
