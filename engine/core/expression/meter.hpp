// Budget and Meter: what one evaluation may cost. An expression is written by users and runs on the thread that
// drives thousands of sagas, so neither its time nor its memory may depend on good will. Every part of the
// evaluator spends from the meter, and whoever gets `false` stops.
#pragma once

#include <cstddef>

namespace skald::core {

// About 20 ms of one core: the longest that a definition may hold up the sagas beside it. An ordinary
// expression takes less than a hundred steps.
inline constexpr std::size_t kMaxSteps = 1'000'000;
// A request to the engine is at most 1 MiB; a value that a saga makes of it may be as large.
inline constexpr std::size_t kMaxOutputBytes = 1u << 20;

struct Budget {
  std::size_t steps = kMaxSteps;                // visits of program nodes, and values and bytes looked at
  std::size_t output_bytes = kMaxOutputBytes;   // of any one value that is built, as JSON text
};

class Meter {
 public:
  explicit Meter(const Budget& budget) : steps_left_(budget.steps), output_bytes_(budget.output_bytes) {}

  // False when the budget is used up; it stays used up.
  bool spend(std::size_t steps) {
    if (steps > steps_left_) exhausted_ = true;
    steps_left_ = exhausted_ ? 0 : steps_left_ - steps;
    return !exhausted_;
  }
  bool exhausted() const { return exhausted_; }
  std::size_t output_bytes() const { return output_bytes_; }

 private:
  std::size_t steps_left_;
  std::size_t output_bytes_;
  bool exhausted_ = false;
};

}  // namespace skald::core
