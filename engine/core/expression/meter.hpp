// Budget and Meter: what one evaluation may cost. An expression is written by users and runs on the thread
// that drives thousands of sagas, so neither its time nor its memory may depend on good will. Every part of
// the evaluator spends from the meter, and who gets `false` stops; no `?` of the language catches that.
#pragma once

#include <cstddef>

#include "engine/base/json.hpp"

namespace skald::core {

// About 40 ms of one core (measured: ten steps a microsecond): the longest that a definition may hold up the
// sagas beside it. An ordinary expression takes less than a hundred steps.
inline constexpr std::size_t kMaxSteps = 400'000;
// A request to the engine is at most 1 MiB; a value that a saga makes of it may be as large.
inline constexpr std::size_t kMaxOutputBytes = 1u << 20;
// What the log can keep (JsonLimits); it also bounds every recursion over values.
inline constexpr std::size_t kMaxValueDepth = 64;

struct Budget {
  std::size_t steps = kMaxSteps;               // visits of program nodes and of values
  std::size_t output_bytes = kMaxOutputBytes;  // of any one value that is built, as JSON text
};

class Meter {
 public:
  explicit Meter(const Budget& budget) : budget_(budget), steps_left_(budget.steps) {}

  // Each of these is false when the budget is used up, and from then on for ever.
  bool spend(std::size_t steps);
  bool spend_bytes(std::size_t bytes) { return spend(1 + bytes / kBytesPerStep); }
  // Whether a text or value of so many bytes may be built.
  bool allow_bytes(std::size_t bytes);
  // Looks through a value that was built: its size and its depth.
  bool allow(const Json& value);
  // The same for a value that becomes part of one of which `bytes` are there already; adds to them.
  bool allow_part(const Json& value, std::size_t& bytes);

  bool exhausted() const { return exhausted_ != Exhausted::No; }
  // Why; only when exhausted.
  Error error() const;

 private:
  enum class Exhausted { No, Steps, Bytes, Depth };
  static constexpr std::size_t kBytesPerStep = 64;

  bool refuse(Exhausted why);
  bool walk(const Json& value, std::size_t& bytes, std::size_t depth);

  Budget budget_;
  std::size_t steps_left_;
  Exhausted exhausted_ = Exhausted::No;
};

}  // namespace skald::core
