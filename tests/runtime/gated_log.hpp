// GatedLog: the log in memory, whose answers a test holds back or makes fail.
#pragma once

#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "eventstore/memory.hpp"

namespace skald::test {

class GatedLog final : public store::MemoryLog {
 public:
  using MemoryLog::MemoryLog;

  bool holds_appends = false;  // they are done, and nobody is told
  bool holds_reads = false;    // what was read stays as it was then
  void let_go() {
    for (const auto& answer : std::exchange(held_, {})) answer();
  }

  void append(store::Append append, std::function<void(store::AppendResult)> done) override {
    MemoryLog::append(std::move(append), [this, done = std::move(done)](store::AppendResult result) {
      if (!holds_appends) return done(std::move(result));
      held_.push_back([done, result = std::move(result)] { done(result); });
    });
  }
  void read_saga(SagaId saga, std::int32_t after, std::size_t limit,
                 store::Done<std::vector<store::StoredEvent>> done) override {
    MemoryLog::read_saga(saga, after, limit, [this, done = std::move(done)](auto events) {
      if (!holds_reads) return done(std::move(events));
      held_.push_back([done, events = std::move(events)] { done(events); });
    });
  }

 private:
  std::deque<std::function<void()>> held_;
};

}  // namespace skald::test
