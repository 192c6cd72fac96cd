#include "engine/runtime/view_thread.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace skald::runtime {
namespace {

// Beyond it lanes hand over nothing: the runner finds the gap and reads the log.
constexpr std::size_t kMostHanded = 20'000;
// So long a lane's events lie before this thread is woken for them: each waking costs the lane as much as two
// calls to services, and the events gather anyway.
constexpr Duration kHandOver = std::chrono::milliseconds(10);
constexpr Duration kTellLags = std::chrono::milliseconds(250);
// Of the scheduler: a saga's thread goes first wherever both want the processor.
constexpr int kNice = 5;

Timestamp steady_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<Duration>(now).count()};
}

}  // namespace

ViewThread::ViewThread(Shared shared)
    : lags_(shared.metrics.view_lags()),
      work_(boost::asio::make_work_guard(io_)),
      store_(io_, shared.database_url),
      runner_({
          .store = store_,
          .catalog = shared.catalog,
          .after = [this](Duration span, std::function<void()> act) { after(span, std::move(act)); },
          .folded =
              [&metrics = shared.metrics](const std::string& view, std::size_t events) {
                metrics.view_events(view).Increment(static_cast<double>(events));
              },
          .stopped = [&metrics = shared.metrics](
                         const std::string& view,
                         bool stopped) { metrics.view_stopped(view).Set(stopped ? 1 : 0); },
          .registry_changed =
              [this] {
                wanted_ = !runner_.generations().all().empty();
                tell_lags();
              },
      }),
      reading_({.store = store_,
                .runner = runner_,
                .after = [this](Duration span, std::function<void()> act) { after(span, std::move(act)); },
                .now = steady_now}) {
  if (!shared.builds) return;
  builder_ = std::make_unique<views::Builder>(
      store_, runner_, [this](Duration span, std::function<void()> act) { after(span, std::move(act)); });
}

ViewThread::~ViewThread() {
  stop();
}

void ViewThread::run() {
  boost::asio::post(io_, [this] {
    runner_.open();
    keep_lags_told();
    if (builder_) builder_->open();
  });
  thread_ = std::thread([this] {
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
    io_.run();
  });
}

void ViewThread::stop() {
  if (!thread_.joinable()) return;
  io_.stop();
  thread_.join();
}

void ViewThread::take(views::CommittedEvents committed) {
  if (!wanted_) return;
  const std::lock_guard lock(mutex_);
  if (handed_events_ >= kMostHanded) return;
  handed_events_ += committed.events.size();
  handed_.push_back(std::move(committed));
  if (std::exchange(told_, true)) return;
  boost::asio::post(io_, [this] {
    after(kHandOver, [this] {
      {
        const std::lock_guard lock(mutex_);
        told_ = false;
      }
      hand_over();
    });
  });
}

void ViewThread::hand_over() {
  std::vector<views::CommittedEvents> handed;
  {
    const std::lock_guard lock(mutex_);
    handed = std::exchange(handed_, {});
    handed_events_ = 0;
  }
  for (auto& committed : handed) runner_.take(std::move(committed));
}

void ViewThread::read(views::ViewQuery query, Done<views::FoundRows> done) {
  hand_over();
  reading_.read(std::move(query), std::move(done));
}

void ViewThread::own(Partition partition, bool owned) {
  boost::asio::post(io_, [this, partition, owned] {
    if (owned)
      runner_.gain(partition);
    else
      runner_.lose(partition);
  });
}

void ViewThread::look() {
  boost::asio::post(io_, [this] {
    runner_.refresh([this] {
      if (builder_) builder_->look();
    });
  });
}

void ViewThread::tell_lags() {
  lags_.say(this, runner_.oldest_missing(system_now()));
}

void ViewThread::keep_lags_told() {
  tell_lags();
  after(kTellLags, [this] { keep_lags_told(); });
}

void ViewThread::after(Duration span, std::function<void()> act) {
  const auto timer = std::make_shared<boost::asio::steady_timer>(io_, span);  // lives until it has fired
  timer->async_wait([timer, act = std::move(act)](boost::system::error_code) { act(); });
}

}  // namespace skald::runtime
