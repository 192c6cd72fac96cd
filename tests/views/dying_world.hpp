// DyingWorld: a log that grows event by event, and a process with runner and builder that may die between any
// two answers of the database, or right after the database has done what it was asked for and before the
// process hears of it. Its clock moves when the test says so.
#pragma once

#include <deque>
#include <map>
#include <memory>

#include "eventstore/memory_views.hpp"
#include "projections/builder.hpp"
#include "projections/runner.hpp"
#include "tests/views/seen_log.hpp"

namespace skald::views::testing {

// Views in memory whose answers may get lost, though what was asked for was done.
class DeafViews final : public store::MemoryViewStore {
 public:
  using MemoryViewStore::MemoryViewStore;
  bool deaf = false;

  void apply(store::ViewBatch batch, std::function<void(store::ViewApplied)> done) override {
    MemoryViewStore::apply(std::move(batch), heard<store::ViewApplied>(std::move(done)));
  }
  void make_indexes(store::Generation generation, store::ViewTable table, store::Done<bool> done) override {
    MemoryViewStore::make_indexes(generation, std::move(table), heard<Result<bool>>(std::move(done)));
  }
  void compare(store::Generation generation, store::ViewTable table, store::Done<bool> done) override {
    MemoryViewStore::compare(generation, std::move(table), heard<Result<bool>>(std::move(done)));
  }
  void switch_to(store::Generation generation, store::Done<bool> done) override {
    MemoryViewStore::switch_to(generation, heard<Result<bool>>(std::move(done)));
  }

 private:
  template <class T>
  std::function<void(T)> heard(std::function<void(T)> done) {
    return [this, done = std::move(done)](T answer) {
      if (!deaf) done(std::move(answer));
    };
  }
};

class DyingWorld {
 public:
  explicit DyingWorld(const SeenLog& events) : log_(events) {
    auto known = std::make_shared<sagas::Catalog>();
    for (const core::Definition& definition : events.definitions()) known->add(definition, "", {});
    catalog_ = std::move(known);
    writer_ = store_.enter({"node", 0, 1}, store_.new_incarnation());
    start_process();
  }

  void put(const View& view, bool again = false) { views_.put({view.table, view.hash, view.source, again}); }
  bool more_events() const { return next_ < log_.events().size(); }
  // The next event of the log comes to pass; `told`: the process hears of it at once.
  void append(bool told) {
    const SeenEvent& event = log_.events()[next_++];
    const auto version = ++versions_[event.saga];
    store::Append append{event.saga, version, {{event.type, event.payload.dump(), event.place.time}}, {}, {}};
    if (version == 1) {
      append.start = store::SagaStart{event.definition->name, 1, event.definition->hash, "", {}, {}};
      append.status = store::SagaStatus{"running", {}, {}};
    }
    const auto result = store_.commit(writer_, append);
    REQUIRE(std::get<store::Committed>(result).last == event.place.position);
    if (!told) return;
    auto fact = core::fact_from(event.type, event.payload);
    process_->runner.take(
        {event.saga, version, event.place.position, {{event.place.time, std::move(*fact)}}});
  }

  // So many answers of the database, or fewer when nobody waits for one; how many there were.
  std::size_t step(std::size_t most) {
    std::size_t done = 0;
    for (; done < most && !posted_.empty(); ++done) {
      const auto act = std::move(posted_.front());
      posted_.pop_front();
      act();
      ++steps_;
      if (steps_ == dies_at) {
        die(dies_deaf);
        return done + 1;
      }
    }
    return done;
  }
  void pass(Duration span) {
    const Timestamp end = now_ + span;
    while (true) {
      while (step(SIZE_MAX) > 0) {
      }
      auto& timers = process_->timers;
      if (timers.empty() || timers.begin()->first >= end) break;
      auto due = timers.extract(timers.begin());
      now_ = std::max(now_, due.key());
      due.mapped()();
    }
    now_ = end;
  }
  // kill -9, and the next process begins. `deaf`: the database does what is asked of it until then.
  void die(bool deaf = false) {
    process_->store.deaf = deaf;
    if (deaf) {
      for (auto left = posted_.size(); left > 0; --left) {
        const auto act = std::move(posted_.front());
        posted_.pop_front();
        act();
      }
    }
    start_process();
  }

  // Of that view the rows that are read; nothing else is being built.
  std::vector<store::ViewRows::Row> rows() {
    const auto registry = views_.list(0).value();
    REQUIRE(registry.generations.size() == 1);
    REQUIRE(registry.generations[0].active);
    different = registry.generations[0].rows_different;
    const auto progress = views_.progress(registry.generations[0].number).value();
    REQUIRE(progress.done == static_cast<std::int64_t>(next_));
    return views_.rows(registry.generations[0].number);
  }

  std::size_t steps() const { return steps_; }
  std::size_t dies_at = 0;  // at that step
  bool dies_deaf = false;
  std::optional<std::int64_t> different;  // rows, as the last rebuild of the same definition found

 private:
  struct Process {
    explicit Process(DyingWorld& world)
        : store(world.views_,
                [&world](std::function<void()> act) { world.posted_.push_back(std::move(act)); }),
          runner(
              {.store = store,
               .catalog = [&world] { return world.catalog_; },
               .after = [this, &world](Duration span,
                                       std::function<void()> act) { after(world, span, std::move(act)); }}),
          builder(store, runner, [this, &world](Duration span, std::function<void()> act) {
            after(world, span, std::move(act));
          }) {
      runner.open();
      builder.open();
      for (std::uint16_t partition = 0; partition < kPartitions; ++partition) runner.gain({partition});
    }
    void after(DyingWorld& world, Duration span, std::function<void()> act) {
      timers.emplace(world.now_ + span, std::move(act));
    }
    std::multimap<Timestamp, std::function<void()>> timers;
    DeafViews store;
    Runner runner;
    Builder builder;
  };
  void start_process() { process_ = std::make_unique<Process>(*this); }

  static constexpr std::uint16_t kPartitions = 4;
  const SeenLog& log_;
  std::size_t next_ = 0, steps_ = 0;
  Timestamp now_ = kStart;
  std::map<SagaId, std::int32_t> versions_;
  std::shared_ptr<const sagas::Catalog> catalog_;
  store::MemoryStore store_{[this] { return now_; }, kPartitions};
  store::MemoryViews views_{store_};
  std::int32_t writer_ = 0;
  std::deque<std::function<void()>> posted_;
  std::unique_ptr<Process> process_;
};

}  // namespace skald::views::testing
