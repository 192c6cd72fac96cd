// Worlds that have views beside their log, and ViewStand: a log of a few events, a handle to the views, and
// short words for what tests ask of them.
#pragma once

#include <deque>

#include "eventstore/memory_views.hpp"
#include "eventstore/pg/pg_view_store.hpp"
#include "tests/contract/pg_world.hpp"

namespace skald::store::testing {

class ViewWorld : public LogWorld {
 public:
  virtual std::unique_ptr<ViewStore> views() = 0;
};

class MemoryViewWorld final : public ViewWorld {
 public:
  std::unique_ptr<Log> log(LaneName name) override {
    return std::make_unique<MemoryLog>(store_, std::move(name), post_);
  }
  std::unique_ptr<ViewStore> views() override { return std::make_unique<MemoryViewStore>(views_, post_); }
  void run_until(const std::function<bool()>& it_is_so) override {
    while (!it_is_so()) {
      REQUIRE_MESSAGE(!posted_.empty(), "nothing is left that could make it so");
      const auto act = std::move(posted_.front());
      posted_.pop_front();
      act();
    }
  }
  void make_silent(const std::string& node) override { store_.make_silent(node); }

 private:
  MemoryStore store_{[] { return kNoon; }, kPartitions};
  MemoryViews views_{store_};
  std::deque<std::function<void()>> posted_;
  Post post_ = [this](std::function<void()> act) { posted_.push_back(std::move(act)); };
};

class PgViewWorld final : public ViewWorld {
 public:
  std::unique_ptr<Log> log(LaneName name) override { return pg.log(std::move(name)); }
  std::unique_ptr<ViewStore> views() override { return views_of("skald"); }
  std::unique_ptr<ViewStore> views_of(const std::string& role) {
    return std::make_unique<PgViewStore>(pg.io(), pg.conninfo() + (role == "skald" ? "" : " user=" + role));
  }
  void run_until(const std::function<bool()>& it_is_so) override { pg.run_until(it_is_so); }
  void make_silent(const std::string& node) override { pg.make_silent(node); }

  PgWorld pg;
};

class ViewStand {
 public:
  explicit ViewStand(ViewWorld& world) : world(world), log(world.opened({"one"})), views(world.views()) {}

  template <class T, class Ask>
  T ask(Ask call) {
    auto answer = world.await<Result<T>>([&](auto done) { call(done); });
    REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().message));
    return std::move(*answer);
  }

  // Appends two events to that partition.
  void append(Partition partition) {
    as<Committed>(world.append(*log, start_of(saga_in(partition, ++sagas_))));
  }
  // The advance from `from` to `to`, as somebody who has read the events would ask for.
  ViewAdvance advance(Partition partition, std::int64_t from, std::int64_t to) {
    const auto events = world.read_partition(*log, partition, to - 1, 1);
    REQUIRE(events.size() == 1);
    return {partition, from, to, events[0].saga, events[0].time};
  }

  ViewStore::Put put(const ViewTable& table, std::string hash, bool again = false) {
    return ask<ViewStore::Put>([&](auto done) {
      views->put_view({table, hash, "source of " + hash, again}, done);
    });
  }
  ViewRegistry registry() {
    auto listed = ask<std::optional<ViewRegistry>>([&](auto done) { views->list_views(0, done); });
    REQUIRE(listed.has_value());
    return *listed;
  }
  ViewApplied apply(ViewBatch batch) {
    return world.await<ViewApplied>([&](auto done) { views->apply(std::move(batch), done); });
  }
  bool yes(const std::function<void(Done<bool>)>& call) { return ask<bool>(call); }
  bool index(Generation generation, const ViewTable& table) {
    return yes([&](auto done) { views->make_indexes(generation, table, done); });
  }
  bool switch_to(Generation generation) {
    return yes([&](auto done) { views->switch_to(generation, done); });
  }
  ViewPage read(ViewRead read) {
    return ask<ViewPage>([&](auto done) { views->read(std::move(read), done); });
  }
  // Of a log that is empty yet: there is nothing to catch up with.
  Generation active(const ViewTable& table, std::string hash) {
    const auto made = put(table, std::move(hash)).generation;
    CHECK(index(made, table));
    CHECK(switch_to(made));
    return made;
  }

  ViewWorld& world;
  std::unique_ptr<Log> log;
  std::unique_ptr<ViewStore> views;

 private:
  int sagas_ = 0;
};

}  // namespace skald::store::testing
