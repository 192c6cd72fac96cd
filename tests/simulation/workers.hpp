// Workers: they pull tasks from any lane, do the work by the ledger's rules, and say so, too late, twice, or
// never. What they are told of their word is held against the log.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "tests/simulation/node.hpp"

namespace skald::simulation {

class Workers {
 public:
  Workers(House& house, Ledger& ledger) : house_(house), ledger_(ledger) {}

  // Asks that lane for tasks of each queue.
  void poll(LaneOfNode& at);
  // Every word that was accepted is in the log.
  void check_words() const;

 private:
  struct Task {
    runtime::LeasedTask leased;
    core::Operation operation = core::Operation::Action;
    int tries = 0;
  };
  using Held = std::shared_ptr<Task>;

  void take(const Held& task);
  int work(const Held& task);
  void finish_after(const Held& task, Duration span);
  void beat(const Held& task, int times);
  void say(const Held& task, core::Input word);
  void answered(const Held& task, const core::Input& word, bool was_over,
                const Result<runtime::Snapshot>& answer);
  core::Input done(const Task& task) const;
  core::Input failed(const Task& task, bool retryable) const;

  House& house_;
  Ledger& ledger_;
  std::vector<Held> accepted_;  // as done
};

}  // namespace skald::simulation
