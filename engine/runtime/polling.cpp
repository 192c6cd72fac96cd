// A worker's poll: asked of all lanes, answered by the first that has something, or when its patience ends.
#include <boost/asio/steady_timer.hpp>

#include "engine/runtime/inside.hpp"

namespace skald::runtime {
namespace {

// One poll of a worker, over all lanes.
class Polling : public std::enable_shared_from_this<Polling> {
 public:
  Polling(Engine::Inside& inside, std::size_t home, TaskPoll poll, Done<std::vector<LeasedTask>> done)
      : inside_(inside), home_(home), poll_(std::move(poll)), done_(std::move(done)), patience_(inside.at(home).io()) {}

  void begin() {
    patience_.expires_after(poll_.wait);
    patience_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
      if (!cancelled) self->answer({});
    });
    for (std::size_t lane = 0; lane < inside_.lanes.size(); ++lane) visit(lane);
  }

 private:
  // Takes what is there; with nothing there, comes again when there is.
  void visit(std::size_t lane) {
    inside_.on_lane(home_, lane, [self = shared_from_this(), lane] {
      if (self->answered_->load()) return;
      Lane& there = self->inside_.at(lane).lane();
      there.await_tasks({self->poll_, self->answered_, [self, lane] {
                           boost::asio::post(self->inside_.at(self->home_).io(), [self, lane] { self->visit(lane); });
                         }});
      // Whoever takes first answers: what two lanes gave would be one too many.
      auto tasks = there.take_tasks(self->poll_);
      if (tasks.empty()) return;
      boost::asio::post(self->inside_.at(self->home_).io(),
                        [self, tasks = std::move(tasks)]() mutable { self->answer(std::move(tasks)); });
    });
  }
  // Tasks that come too late stay leased until their lease runs out, and are given again.
  void answer(std::vector<LeasedTask> tasks) {
    if (answered_->exchange(true)) return;
    patience_.cancel();
    done_(std::move(tasks));
  }

  Engine::Inside& inside_;
  std::size_t home_;
  TaskPoll poll_;
  Done<std::vector<LeasedTask>> done_;
  boost::asio::steady_timer patience_;
  std::shared_ptr<std::atomic<bool>> answered_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace

void Engine::poll_tasks(std::size_t lane, TaskPoll poll, Done<std::vector<LeasedTask>> done) {
  std::make_shared<Polling>(*inside_, lane, std::move(poll), std::move(done))->begin();
}

}  // namespace skald::runtime
