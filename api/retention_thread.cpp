#include "api/retention_thread.hpp"

#include "api/replay/retain_log.hpp"
#include "engine/base/log.hpp"

namespace skald::api {
namespace {

using namespace std::chrono_literals;

// A node that begins has other things to do.
constexpr Duration kFirstLook = 10s;
// While others hold the log open, for so long; the next look tries again.
constexpr Duration kBetweenTries = 1s;
constexpr int kTries = 120;
constexpr Duration kBetweenCancels = 100ms;

prometheus::Counter& counter(prometheus::Registry& metrics, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(metrics).Add({});
}
prometheus::Gauge& gauge(prometheus::Registry& metrics, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(metrics).Add({});
}

}  // namespace

RetentionThread::RetentionThread(Settings settings, prometheus::Registry& metrics)
    : settings_(std::move(settings)),
      sagas_(counter(metrics, "skald_retention_sagas_total", "Sagas that left the log")),
      events_(counter(metrics, "skald_retention_events_total", "Events that left the log")),
      failures_(counter(metrics, "skald_retention_failures_total", "Times that retention failed")),
      locked_(gauge(metrics, "skald_retention_locked_seconds", "How long the last exchange locked the log")),
      obstructed_(gauge(metrics, "skald_retention_obstructed",
                        "1: sagas are old enough to leave, and something holds them")),
      thread_([this] { run(); }) {}

RetentionThread::~RetentionThread() {
  std::unique_lock lock(mutex_);
  ending_ = true;
  wake_.notify_all();
  // Between two statements there is nothing to cancel: so until it is over.
  while (!over_) {
    const auto session = session_;
    lock.unlock();
    if (session) store::stop_session(settings_.database_url, *session);
    lock.lock();
    wake_.wait_for(lock, kBetweenCancels, [this] { return over_; });
  }
  lock.unlock();
  thread_.join();
}

void RetentionThread::run() {
  for (bool go_on = pause(std::min(kFirstLook, settings_.every)); go_on; go_on = pause(settings_.every))
    let_leave();
  const std::lock_guard lock(mutex_);
  over_ = true;
  wake_.notify_all();
}

void RetentionThread::work_in(std::optional<std::int32_t> session) {
  const std::lock_guard lock(mutex_);
  session_ = session;
}

bool RetentionThread::pause(Duration span) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, span, [this] { return ending_; });
}

void RetentionThread::let_leave() {
  int tries = 0;
  const auto again = [&] { return ++tries < kTries && pause(kBetweenTries); };
  const auto retained = retain_log(settings_.database_url, settings_.age, settings_.directory, again,
                                   [this](std::int32_t session) { work_in(session); });
  work_in(std::nullopt);
  if (!retained) {
    failures_.Increment();
    return log::warn("retention: {}", retained.error().message);
  }
  const auto& found = retained->found;
  obstructed_.Set(found.obstacle && found.sagas > 0 ? 1 : 0);
  if (found.obstacle) {
    if (found.sagas > 0 && told_ != *found.obstacle)
      log::warn("retention: {} sagas could leave, but {}", found.sagas, *found.obstacle);
    told_ = *found.obstacle;
    return;
  }
  told_.clear();
  sagas_.Increment(static_cast<double>(found.sagas));
  events_.Increment(static_cast<double>(retained->left.events));
  locked_.Set(retained->left.held_ms / 1000);
  log::info(
      "retention: {} sagas ({} events) that ended before {} left the log{}; {} events below position {} "
      "stay; "
      "the log was locked for {} ms",
      found.sagas, retained->left.events, to_rfc3339(found.ended_before),
      retained->file.empty() ? "" : " for " + retained->file, retained->left.kept_events, found.below,
      retained->left.held_ms);
}

}  // namespace skald::api
