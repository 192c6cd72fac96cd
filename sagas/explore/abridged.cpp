#include "sagas/explore/abridged.hpp"

namespace skald::sagas {
namespace {

// "Fails, then succeeds" and "fails to the last" need two.
constexpr std::uint32_t kMostAttempts = 2;
// Longer than nothing, so that a wait for the next attempt is a point where a cancel can come; far below the
// millisecond to which situations tell times apart.
constexpr Duration kWait{1};

void abridge(core::Effort& effort) {
  core::RetryPolicy& retry = effort.retry;
  // Running out of time and out of attempts are one to what follows.
  const bool ends = retry.maximum_attempts != 0 || effort.total_timeout;
  if (retry.maximum_attempts != 1 && ends) retry.maximum_attempts = kMostAttempts;
  effort.total_timeout.reset();
  retry.initial_interval = retry.maximum_interval = kWait;
  retry.backoff_coefficient = 1;
  retry.jitter = 0;
}

}  // namespace

core::Definition abridged(core::Definition definition) {
  for (core::Step& step : definition.steps) {
    abridge(step.effort);
    if (step.undo) abridge(step.undo->effort);
  }
  return definition;
}

}  // namespace skald::sagas
