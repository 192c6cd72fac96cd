#include "engine/core/retry.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace skald::core {
namespace {

constexpr std::uint32_t kRecordedAtFirst = 5;

// Uniform in [-1, 1).
double spread(std::uint64_t random) {
  return std::ldexp(static_cast<double>(random >> 11), -52) - 1.0;
}

// The wait after the nth attempt: it grows by the coefficient up to the maximum, and is spread by jitter so
// that many sagas that failed together do not come back together.
Duration backoff(const RetryPolicy& policy, std::uint32_t attempt, std::uint64_t random) {
  const double grown = static_cast<double>(policy.initial_interval.count()) *
                       std::pow(policy.backoff_coefficient, static_cast<double>(attempt - 1));
  const double bounded = std::min(grown, static_cast<double>(policy.maximum_interval.count()));
  return Duration(std::llround(bounded * (1.0 + policy.jitter * spread(random))));
}

bool is_non_retryable(const RetryPolicy& policy, const answer::Failed& failure) {
  const auto& types = policy.non_retryable_errors;
  return std::any_of(types.begin(), types.end(), [&](const std::string& type) {
    return type == failure.error.type || type == failure.own_type;
  });
}

Problem exhausted(std::uint32_t attempts, const Problem& last) {
  if (attempts == 1) return last;
  Problem error = make_problem(
      problem_type::kExhausted,
      std::to_string(attempts) + " attempts failed; the last: " + last.title + ": " + last.detail);
  error.status = last.status;
  return error;
}

Verdict judge(const Trial& trial, const Problem& error, std::uint32_t limit, Duration at_least,
              Context context) {
  if (limit != 0 && trial.attempt >= limit) return GiveUp{exhausted(trial.attempt, error), true};
  const Duration wait = std::max(backoff(trial.effort.retry, trial.attempt, context.random), at_least);
  const Timestamp next = context.now + wait;
  const auto end = trial.without_end ? std::nullopt : give_up_at(trial.effort, trial.requested_at);
  if (end && next >= *end) return GiveUp{out_of_time(trial.effort, trial.attempt, error), true};
  return TryAgain{next};
}

std::uint32_t limit_of(const Trial& trial) {
  return trial.without_end ? 0 : trial.effort.retry.maximum_attempts;
}

}  // namespace

Verdict judge(const Trial& trial, const answer::Failed& failure, Context context) {
  if (!trial.without_end && is_non_retryable(trial.effort.retry, failure))
    return GiveUp{failure.error, false};
  return judge(trial, failure.error, limit_of(trial), failure.retry_after.value_or(Duration::zero()),
               context);
}

Verdict judge(const Trial& trial, const answer::Lost& failure, Context context) {
  const std::uint32_t limit = limit_of(trial);
  return judge(trial, failure.error, limit == 0 ? 0 : limit + 1, Duration::zero(), context);
}

std::optional<Timestamp> give_up_at(const Effort& effort, Timestamp requested_at) {
  if (!effort.total_timeout) return std::nullopt;
  return requested_at + *effort.total_timeout;
}

Problem out_of_time(const Effort& effort, std::uint32_t attempts, const std::optional<Problem>& last_error) {
  std::string detail = "not done within " + skald::to_text(effort.total_timeout.value_or(Duration::zero())) +
                       ", in " + std::to_string(attempts) + (attempts == 1 ? " attempt" : " attempts");
  if (last_error) detail += "; the last: " + last_error->title + ": " + last_error->detail;
  return make_problem(problem_type::kTimeout, std::move(detail));
}

bool is_recorded(const Trial& trial, const Attempts& before, const AttemptFailed& failed) {
  if (limit_of(trial) != 0) return true;
  if (failed.attempt <= kRecordedAtFirst) return true;
  if (failed.attempt % kRecordedAtFirst == 0 && std::has_single_bit(failed.attempt / kRecordedAtFirst))
    return true;
  const bool same_type = before.last_error && before.last_error->type == failed.error.type;
  return !same_type || before.last_possibly_done != failed.possibly_done;
}

}  // namespace skald::core
