// A worker's poll: asked of all lanes, answered by the first that has something, or when its patience ends.
#include <boost/asio/steady_timer.hpp>
#include <set>

#include "engine/base/failpoint.hpp"
#include "engine/runtime/inside.hpp"

namespace skald::runtime {
namespace {

// One poll of a worker, over all lanes, one after the other: what two lanes gave at once would be leased to
// nobody. All of it but the taking happens on the thread of the home lane.
class Polling : public std::enable_shared_from_this<Polling> {
 public:
  Polling(Engine::Inside& inside, std::size_t home, TaskPoll poll, Done<std::vector<LeasedTask>> done)
      : inside_(inside),
        home_(home),
        poll_(std::move(poll)),
        done_(std::move(done)),
        patience_(inside.at(home).io()) {}

  void begin() {
    patience_.expires_after(poll_.wait);
    patience_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
      if (cancelled) return;
      self->patience_has_ended_ = true;
      self->ask_next();
    });
    for (std::size_t lane = 0; lane < inside_.lanes.size(); ++lane) to_ask_.insert(lane);
    ask_next();
  }

 private:
  void ask_next() {
    if (is_asking_ || answered_->load()) return;
    if (to_ask_.empty()) return patience_has_ended_ ? answer({}) : void();
    const std::size_t lane = *to_ask_.begin();
    to_ask_.erase(to_ask_.begin());
    called_by_.erase(lane);
    is_asking_ = true;
    inside_.on_lane(home_, lane, [self = shared_from_this(), lane] { self->take(lane); });
  }
  // On the thread of that lane. With nothing there, the lane calls when there is.
  void take(std::size_t lane) {
    Lane& there = inside_.at(lane).lane();
    auto tasks = there.take_tasks(poll_);
    if (tasks.empty())
      there.await_tasks({poll_, answered_, [self = shared_from_this(), lane] {
                           self->at_home([self, lane] { self->called_by(lane); });
                         }});
    at_home([self = shared_from_this(), tasks = std::move(tasks)]() mutable {
      self->is_asking_ = false;
      if (tasks.empty()) return self->ask_next();
      self->answer(std::move(tasks));
    });
  }
  void called_by(std::size_t lane) {
    if (answered_->load()) return pass_on(lane);
    to_ask_.insert(lane);
    called_by_.insert(lane);
    ask_next();
  }
  // What a lane called for is not taken by this worker: another one may be waiting there.
  void pass_on(std::size_t lane) {
    inside_.on_lane(home_, lane, [self = shared_from_this(), lane] {
      self->inside_.at(lane).lane().pass_task_on(self->poll_.queue);
    });
  }
  template <class Act>
  void at_home(Act act) {
    boost::asio::post(inside_.at(home_).io(), std::move(act));
  }
  void answer(std::vector<LeasedTask> tasks) {
    FAILPOINT("poll-about-to-be-answered");
    answered_->store(true);
    patience_.cancel();
    for (const std::size_t lane : called_by_) pass_on(lane);
    done_(std::move(tasks));
  }

  Engine::Inside& inside_;
  std::size_t home_;
  TaskPoll poll_;
  Done<std::vector<LeasedTask>> done_;
  boost::asio::steady_timer patience_;
  bool patience_has_ended_ = false, is_asking_ = false;
  std::set<std::size_t> to_ask_;
  std::set<std::size_t> called_by_;  // of these, the lanes that called and have not been asked since
  std::shared_ptr<std::atomic<bool>> answered_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace

void Engine::poll_tasks(std::size_t lane, TaskPoll poll, Done<std::vector<LeasedTask>> done) {
  std::make_shared<Polling>(*inside_, lane, std::move(poll), std::move(done))->begin();
}

}  // namespace skald::runtime
