// What the engine is made of: shared by the files that implement it.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/post.hpp>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/runtime/engine.hpp"
#include "engine/runtime/lane_thread.hpp"
#include "engine/runtime/view_thread.hpp"
#include "eventstore/lane.hpp"

namespace skald::runtime {

constexpr std::size_t kMaxPartitions = 65'536;
constexpr int kNoLane = -1;

struct Engine::Inside {
  explicit Inside(EngineConfig c) : config(std::move(c)), owner(kMaxPartitions) {
    for (auto& lane : owner) lane = kNoLane;
  }

  EngineConfig config;
  Metrics metrics;
  ServiceGates gates{metrics};
  // Read by every lane, replaced as a whole.
  std::atomic<std::shared_ptr<const sagas::Catalog>> catalog{std::make_shared<const sagas::Catalog>()};
  std::atomic<std::shared_ptr<const sagas::ServiceRegistry>> services;
  std::mutex catalog_writing;
  std::atomic<std::size_t> definition_rows{0};  // as many were listed last
  std::vector<std::atomic<int>> owner;          // lane by partition
  std::atomic<int> owned_partitions{0};
  std::atomic<bool> stopping{false};
  std::vector<std::unique_ptr<ViewThread>> views;  // lanes hand events over to them until they end
  std::vector<std::unique_ptr<LaneThread>> lanes;

  // One more lane, which does not run yet.
  using MakeLog = std::function<std::unique_ptr<store::Log>(boost::asio::io_context&, store::LaneName)>;
  void add_lane(const MakeLog& make_log);

  ViewThread& views_of(Partition partition) { return *views[partition.number % views.size()]; }
  LaneThread& at(std::size_t lane) { return *lanes[lane]; }
  std::size_t owner_of(Partition partition, std::size_t otherwise) const {
    const int lane = owner[partition.number];
    return lane == kNoLane ? otherwise : static_cast<std::size_t>(lane);
  }

  // Runs `act` on the thread of lane `to`; at once where that is the thread we are on.
  template <class Act>
  void on_lane(std::size_t from, std::size_t to, Act act) {
    if (from == to) return act();
    boost::asio::post(at(to).io(), std::move(act));
  }
  // Asks the lane that owns the partition, on its thread: ask(lane, done). Where no lane of ours owns it, the
  // home lane says so. `done` is called on the thread of lane `home`.
  template <class T, class Ask>
  void on_owner(std::size_t home, Partition partition, Done<T> done, Ask ask) {
    const std::size_t owner = owner_of(partition, home);
    on_lane(home, owner, [this, owner, ask = std::move(ask), done = back_to(home, owner, std::move(done))] {
      ask(at(owner).lane(), done);
    });
  }

  // The same callback, brought back to the thread of lane `home`.
  template <class T>
  Done<T> back_to(std::size_t home, std::size_t from, Done<T> done) {
    return home == from ? done : posted_to(home, std::move(done));
  }
  template <class T>
  Done<T> posted_to(std::size_t home, Done<T> done) {
    return [this, home, done = std::move(done)](Result<T> result) {
      boost::asio::post(at(home).io(),
                        [done, result = std::move(result)]() mutable { done(std::move(result)); });
    };
  }

  // Runs `act` on the thread of those views; what it calls back comes to lane `home`.
  template <class T>
  void on_views(ViewThread& views, std::size_t home, Done<T> done,
                std::function<void(ViewThread&, Done<T>)> act) {
    boost::asio::post(views.io(), [&views, done = posted_to(home, std::move(done)), act = std::move(act)] {
      act(views, done);
    });
  }
  // views.cpp
  void start_views();
  void put_builtin_views();
  void look_at_views();

  // definitions.cpp
  void add_definition(const store::DefinitionRow& row);
  Result<void> load_definitions();
  void refresh_definitions(std::size_t lane, std::function<void()> done);
  void keep_definitions_fresh();
};

}  // namespace skald::runtime
