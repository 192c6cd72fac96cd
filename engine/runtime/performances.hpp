// Performances: the commands of one saga that are being performed, one for each step at most, found by their
// step and by the ticket that their callbacks hold.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/core/command.hpp"
#include "engine/runtime/timers.hpp"

namespace skald::runtime {

// A command that is being performed: waiting for its time, held until the writer is confirmed, or sent.
struct Outstanding {
  core::Command command;
  std::uint64_t ticket = 0;  // names this performance in its callback
  Timers::Id timer = 0;      // 0: it waits for no time
  bool sent = false;         // its answer is awaited
  bool sent_before = false;  // perhaps, by whoever had this saga earlier
  bool reported = false;     // its outcome lies in the inbox: until it is considered, nothing begins anew
  // Of a task that a worker has (then it is `sent`).
  std::uint32_t lease = 0;
  Timestamp lease_until{};
  std::optional<Timestamp> attempt_ends{};  // no heartbeat extends the lease beyond this

  bool may_have_left() const { return sent || sent_before; }
};

// What the command is for; empty: the saga as a whole.
const core::StepPath& step_of(const core::Command& command);

class Performances {
 public:
  Performances() = default;
  Performances(Performances&&) = default;
  Performances& operator=(Performances&&) = default;
  Performances(const Performances&) = delete;
  Performances& operator=(const Performances&) = delete;
  ~Performances() = default;

  // Of a step for which there is none. Tickets rise. What is returned stays where it is until it ends.
  Outstanding& begin(core::Command command, std::uint64_t ticket);
  void end(const Outstanding& outstanding);

  Outstanding* of_step(std::string_view step);
  Outstanding* of_ticket(std::uint64_t ticket);
  template <class Visit>
  void each(Visit visit) {
    for (auto& [step, outstanding] : by_step_) visit(outstanding);
  }

 private:
  using Tickets = std::vector<std::pair<std::uint64_t, Outstanding*>>;
  Tickets::iterator at(std::uint64_t ticket);

  std::map<core::StepPath, Outstanding, std::less<>> by_step_;
  Tickets by_ticket_;  // in their order
};

}  // namespace skald::runtime
