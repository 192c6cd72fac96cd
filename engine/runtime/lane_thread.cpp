#include "engine/runtime/lane_thread.hpp"

#include <boost/asio/post.hpp>

namespace skald::runtime {

LaneThread::LaneThread(Shared shared)
    : work_(boost::asio::make_work_guard(io_)),
      log_(shared.make_log(io_)),
      clock_(io_),
      timers_([this] { arm(); }),
      services_(std::make_unique<ServicePools>(
          io_, shared.registry, shared.gates, [this] { return log_->now(); }, shared.secrets,
          shared.metrics)),
      others_(std::move(shared.others)) {
  lane_ = std::make_unique<Lane>(LaneParts{
      .log = *log_,
      .timers = timers_,
      .services = *services_,
      .others = *others_,
      .metrics = shared.metrics,
      .post = [this](std::function<void()> act) { boost::asio::post(io_, std::move(act)); },
      .catalog = shared.catalog,
      .refresh_catalog = shared.refresh_catalog,
      .ownership_changed = shared.ownership_changed,
      .appended = shared.appended,
      .secrets = shared.secrets,
      .max_active_sagas = shared.max_active_sagas,
      .random = Random::from_system(),
  });
}

LaneThread::~LaneThread() {
  stop();
}

void LaneThread::run() {
  thread_ = std::thread([this] { io_.run(); });
}

void LaneThread::stop() {
  if (!thread_.joinable()) return;
  io_.stop();
  thread_.join();
}

void LaneThread::every(Duration interval, std::function<void()> act) {
  timers_.at(log_->now() + interval, [this, interval, act = std::move(act)] {
    act();
    every(interval, act);
  });
}

// One Asio timer stands for the earliest of all. Due times are in database time, which the log knows.
void LaneThread::arm() {
  const auto due = timers_.next_due();
  if (!due) return;
  clock_.expires_after(std::max(Duration{0}, *due - log_->now()));
  clock_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    timers_.run_due(log_->now());
    arm();
  });
}

}  // namespace skald::runtime
