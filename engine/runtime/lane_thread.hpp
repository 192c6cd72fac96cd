// LaneThread: one lane on its own thread, with the Asio loop, the log connection and the HTTP clients that
// only it uses.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <thread>

#include "engine/runtime/lane.hpp"
#include "engine/runtime/service_pools.hpp"
#include "engine/runtime/timers.hpp"
#include "eventstore/log.hpp"

namespace skald::runtime {

class LaneThread {
 public:
  struct Shared {
    std::function<std::unique_ptr<store::Log>(boost::asio::io_context&)> make_log;
    std::function<std::shared_ptr<const sagas::Catalog>()> catalog;
    std::function<void(std::function<void()> done)> refresh_catalog;
    std::function<std::shared_ptr<const sagas::ServiceRegistry>()> registry;
    std::unique_ptr<OtherSagas> others;
    ServiceGates& gates;
    std::function<void(Partition, bool owned)> ownership_changed;
    std::function<void(views::CommittedEvents)> appended;
    Json secrets;
    Metrics& metrics;
    std::size_t max_active_sagas = 0;
  };
  explicit LaneThread(Shared shared);
  ~LaneThread();

  void run();   // starts the thread
  void stop();  // ends the loop and joins; what is still queued is dropped

  boost::asio::io_context& io() { return io_; }
  store::Log& log() { return *log_; }
  Lane& lane() { return *lane_; }
  OtherSagas& others() { return *others_; }
  Random& random() { return random_; }
  // Runs `act` on the lane's thread again and again; called on that thread.
  void every(Duration interval, std::function<void()> act);

 private:
  void arm();

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::unique_ptr<store::Log> log_;
  boost::asio::steady_timer clock_;
  Timers timers_;
  std::unique_ptr<ServicePools> services_;
  std::unique_ptr<OtherSagas> others_;
  std::unique_ptr<Lane> lane_;
  Random random_ = Random::from_system();
  std::thread thread_;
};

}  // namespace skald::runtime
