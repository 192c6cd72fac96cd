// retry: whether and when a failed attempt is followed by another, and whether that is worth an event.
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "engine/core/answer.hpp"
#include "engine/core/decide.hpp"

namespace skald::core {

struct TryAgain {
  Timestamp at;
};
struct GiveUp {
  Problem error;
  bool exhausted = false;  // by number or by time; else the error is one that is not retried
};
using Verdict = std::variant<TryAgain, GiveUp>;

// What the verdict depends on beside the error itself.
struct Trial {
  const Effort& effort;
  std::uint32_t attempt;  // the one that has just failed: 1, 2, 3 …
  Timestamp requested_at;
  bool without_end = false;  // no limit counts: the outcome of a pivot is unknown
};

Verdict judge(const Trial& trial, const answer::Failed& failure, Context context);
// The accepted work got lost: one attempt more than the limit allows is granted for it.
Verdict judge(const Trial& trial, const answer::Lost& failure, Context context);

// The end of the total timeout.
std::optional<Timestamp> give_up_at(const Effort& effort, Timestamp requested_at);
Problem out_of_time(const Effort& effort, std::uint32_t attempts, const std::optional<Problem>& last_error);

// With a limit every failed attempt is recorded. Without one the log would grow as long as a service is down:
// the first five, each doubling after that (10, 20, 40 …), and every change of the error.
bool is_recorded(const Trial& trial, const Attempts& before, const AttemptFailed& failed);

}  // namespace skald::core
