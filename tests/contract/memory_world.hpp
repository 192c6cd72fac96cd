// The world of the log in memory: a queue is its loop, an integer its clock.
#pragma once

#include <deque>

#include "eventstore/memory.hpp"
#include "tests/contract/log_world.hpp"

namespace skald::store::testing {

class MemoryWorld final : public LogWorld {
 public:
  std::unique_ptr<Log> log(LaneName name) override {
    return std::make_unique<MemoryLog>(
        store_, std::move(name), [this](std::function<void()> act) { posted_.push_back(std::move(act)); });
  }
  void run_until(const std::function<bool()>& it_is_so) override {
    while (!it_is_so()) {
      REQUIRE_MESSAGE(!posted_.empty(), "nothing is left that could make it so");
      const auto act = std::move(posted_.front());
      posted_.pop_front();
      act();
    }
  }
  void make_silent(const std::string& node) override { store_.make_silent(node); }

 private:
  MemoryStore store_{[] { return kNoon; }, kPartitions};
  std::deque<std::function<void()>> posted_;
};

}  // namespace skald::store::testing
