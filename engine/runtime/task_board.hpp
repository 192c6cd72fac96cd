// TaskBoard: the tasks that a lane offers, by queue, and the workers that wait for one. It holds no lease:
// which attempt a worker has is the saga's to know (live_saga.hpp).
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/core/event.hpp"
#include "engine/runtime/done.hpp"

namespace skald::runtime {

struct TaskPoll {
  std::string queue;
  std::string worker;
  std::size_t max = 1;
  Duration lease{0};
  Duration wait{0};
};

// What a worker gets. Its id names saga, step, operation and attempt.
struct LeasedTask {
  std::string id;
  SagaId saga;
  std::string step;
  std::string operation;
  std::uint32_t attempt = 0;
  std::string idempotency_key;
  Json body;
  Timestamp lease_until;
};

// A task by what its id says.
struct TaskName {
  SagaId saga;
  core::StepPath step;
  core::Operation operation = core::Operation::Action;
  std::uint32_t attempt = 0;
};
// NotFound where the text is no such id.
Result<TaskName> parse_task_name(std::string_view id);

class TaskBoard {
 public:
  struct Offer {
    SagaId saga;
    std::uint64_t ticket = 0;  // of the saga's Outstanding
  };
  // A worker that waits on several lanes is answered by the first that has something for it.
  struct Worker {
    TaskPoll poll;
    std::shared_ptr<std::atomic<bool>> answered;
    std::function<void()> come_again;  // there may be something now
  };

  void offer(const std::string& queue, Offer offer) {
    offers_[queue].push_back(offer);
    call_worker(queue);
  }
  // The next offer of that queue; whether it still stands is for the caller to see.
  std::optional<Offer> take(const std::string& queue) {
    const auto found = offers_.find(queue);
    if (found == offers_.end()) return std::nullopt;
    const Offer next = found->second.front();
    found->second.pop_front();
    if (found->second.empty()) offers_.erase(found);
    return next;
  }
  void wait(Worker worker) { workers_[worker.poll.queue].push_back(std::move(worker)); }
  // Those that nobody waits for any more.
  void forget_answered() {
    for (auto& [queue, waiting] : workers_)
      std::erase_if(waiting, [](const Worker& worker) { return worker.answered->load(); });
    std::erase_if(workers_, [](const auto& queue) { return queue.second.empty(); });
  }

 private:
  void call_worker(const std::string& queue) {
    const auto found = workers_.find(queue);
    if (found == workers_.end()) return;
    while (!found->second.empty()) {
      const Worker worker = std::move(found->second.front());
      found->second.pop_front();
      if (worker.answered->load()) continue;
      return worker.come_again();
    }
  }

  std::map<std::string, std::deque<Offer>> offers_;
  std::map<std::string, std::deque<Worker>> workers_;
};

}  // namespace skald::runtime
