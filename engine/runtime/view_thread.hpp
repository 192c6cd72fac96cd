// ViewThread: a runner of views on a thread of its own, with its own connections and at low priority, so that
// it never stands in a saga's way. Lanes hand it what they have appended; when there is no view, or too much
// is waiting, they hand over nothing, and the runner reads the log.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/runtime/done.hpp"
#include "engine/runtime/metrics.hpp"
#include "eventstore/pg/pg_view_store.hpp"
#include "projections/builder.hpp"
#include "projections/reading.hpp"
#include "projections/runner.hpp"

namespace skald::runtime {

class ViewThread {
 public:
  struct Shared {
    std::string database_url;
    std::function<std::shared_ptr<const sagas::Catalog>()> catalog;
    Metrics& metrics;
    bool builds = false;  // one thread of a node looks after generations that are being built
  };
  explicit ViewThread(Shared shared);
  ~ViewThread();

  void run();
  void stop();  // what is still queued is dropped: it stands in the log

  // From any thread.
  void take(views::CommittedEvents committed);
  void own(Partition partition, bool owned);
  void look();  // the registry of views has changed
  boost::asio::io_context& io() { return io_; }

  // On its thread.
  store::ViewStore& store() { return store_; }
  views::Runner& runner() { return runner_; }
  // With everything that lanes have handed over by now: who asks has mostly just written.
  void read(views::ViewQuery query, Done<views::FoundRows> done);

 private:
  void hand_over();
  void tell_lags();
  void keep_lags_told();
  void after(Duration span, std::function<void()> act);

  ViewLags& lags_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  store::PgViewStore store_;
  views::Runner runner_;
  views::Reading reading_;
  std::unique_ptr<views::Builder> builder_;
  std::mutex mutex_;  // of what lanes hand over
  std::vector<views::CommittedEvents> handed_;
  std::size_t handed_events_ = 0;
  bool told_ = false;                // this thread will look at them soon
  std::atomic<bool> wanted_{false};  // there is a view
  std::thread thread_;
};

}  // namespace skald::runtime
