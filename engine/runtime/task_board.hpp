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

// What a worker gets. Its id names saga, step, operation, attempt and lease.
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
  std::uint32_t lease = 0;  // tells two workers apart that had the same attempt, one after the other
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
    offers_[queue].emplace(offer.ticket, offer.saga);
    call_worker(queue);
  }
  // The offer that has waited longest.
  std::optional<Offer> take(const std::string& queue) {
    const auto found = offers_.find(queue);
    if (found == offers_.end()) return std::nullopt;
    const auto [ticket, saga] = *found->second.begin();
    withdraw(queue, ticket);
    return Offer{saga, ticket};
  }
  void withdraw(const std::string& queue, std::uint64_t ticket) {
    const auto found = offers_.find(queue);
    if (found == offers_.end()) return;
    found->second.erase(ticket);
    if (found->second.empty()) offers_.erase(found);
  }
  void wait(Worker worker) { workers_[worker.poll.queue].push_back(std::move(worker)); }
  // A worker that was called got its work elsewhere: what it was called for is the next one's.
  void pass_on(const std::string& queue) {
    if (offers_.contains(queue)) call_worker(queue);
  }
  // Offers could not be taken for a while, and workers came in vain.
  void call_workers() {
    for (const auto& [queue, offers] : offers_)
      for (std::size_t i = 0; i < offers.size() && call_worker(queue); ++i) {
      }
  }
  // Those that nobody waits for any more.
  void forget_answered() {
    for (auto& [queue, waiting] : workers_)
      std::erase_if(waiting, [](const Worker& worker) { return worker.answered->load(); });
    std::erase_if(workers_, [](const auto& queue) { return queue.second.empty(); });
  }

 private:
  // False: nobody waits.
  bool call_worker(const std::string& queue) {
    const auto found = workers_.find(queue);
    if (found == workers_.end()) return false;
    while (!found->second.empty()) {
      const Worker worker = std::move(found->second.front());
      found->second.pop_front();
      if (worker.answered->load()) continue;
      worker.come_again();
      return true;
    }
    return false;
  }

  std::map<std::string, std::map<std::uint64_t, SagaId>> offers_;  // by ticket: in the order of offering
  std::map<std::string, std::deque<Worker>> workers_;
};

}  // namespace skald::runtime
