#include "sagas/soundness/duration_bound.hpp"

#include <algorithm>

#include "sagas/services.hpp"

namespace skald::sagas {
namespace {

constexpr Duration kDefaultTimeout = std::chrono::seconds(5);
constexpr Duration kCentury = std::chrono::days(36'500);

// All waits between the attempts, in microseconds, each with its full jitter.
double longest_waits(const core::RetryPolicy& retry) {
  const double cap = static_cast<double>(retry.maximum_interval.count());
  double wait = static_cast<double>(retry.initial_interval.count());
  double sum = 0;
  std::uint32_t left = retry.maximum_attempts - 1;
  // A coefficient just above 1 could grow for a billion attempts; from here on the waits count as equal.
  for (int growing = 0; left > 0 && wait < cap && growing < 1'000; --left, ++growing) {
    sum += wait;
    wait *= retry.backoff_coefficient;
  }
  return (sum + left * std::min(wait, cap)) * (1 + retry.jitter);
}

class Bounds {
 public:
  Bounds(const Draft& draft, const ServiceRegistry* services) : draft_(draft), services_(services) {}

  DurationBound of_step(core::StepIndex step) const {
    if (draft_.kind_of<core::HttpAction>(step)) return of_http(step);
    if (draft_.kind_of<core::TaskAction>(step)) return of_task(step);
    if (draft_.kind_of<core::SagaAction>(step)) return {{}, step};
    if (const auto* wait = draft_.kind_of<core::WaitFor>(step))
      return wait->timeout ? at_most(*wait->timeout) : DurationBound{{}, step};
    if (const auto* wait = draft_.kind_of<core::Wait>(step))
      return wait->until ? DurationBound{{}, step} : at_most(wait->duration);
    if (const auto* cases = draft_.kind_of<core::Switch>(step)) return of_longest(cases->cases);
    if (const auto* branches = draft_.kind_of<core::Parallel>(step)) return of_longest(branches->branches);
    if (draft_.kind_of<core::ForEach>(step)) return {{}, step};
    return {};
  }

 private:
  static DurationBound at_most(Duration span) { return {std::min(span, kCentury), std::nullopt}; }

  // Every attempt times out.
  DurationBound of_http(core::StepIndex index) const {
    const core::Step& step = draft_.definition.steps[index];
    const core::RetryPolicy& retry = step.effort.retry;
    const auto& total = step.effort.total_timeout;
    if (retry.maximum_attempts == 0) return total ? at_most(*total) : DurationBound{{}, index};
    const double attempts = static_cast<double>(attempt_timeout(step).count()) * retry.maximum_attempts;
    const double limit = static_cast<double>(std::min(total.value_or(kCentury), kCentury).count());
    const double sum = std::min(attempts + longest_waits(retry), limit);
    return {Duration{static_cast<std::int64_t>(sum)}, std::nullopt};
  }

  // Its timeout begins when a worker takes it, and nobody knows when that is.
  DurationBound of_task(core::StepIndex index) const {
    const auto& total = draft_.definition.steps[index].effort.total_timeout;
    return total ? at_most(*total) : DurationBound{{}, index};
  }

  Duration attempt_timeout(const core::Step& step) const {
    if (step.effort.timeout) return *step.effort.timeout;
    const std::string& name = as<core::HttpAction>(step.kind)->service;
    const Service* service = services_ == nullptr ? nullptr : services_->find(name);
    return service != nullptr && service->timeout ? *service->timeout : kDefaultTimeout;
  }

  DurationBound of_block(core::BlockIndex block) const {
    DurationBound sum;
    for (const core::StepIndex step : draft_.definition.blocks[block].steps) {
      const DurationBound one = of_step(step);
      sum.span = std::min(sum.span + one.span, kCentury);
      if (!sum.endless) sum.endless = one.endless;
    }
    return sum;
  }

  template <class Ways>
  DurationBound of_longest(const Ways& ways) const {
    DurationBound longest;
    for (const auto& way : ways) {
      const DurationBound one = of_block(way.block);
      longest.span = std::max(longest.span, one.span);
      if (!longest.endless) longest.endless = one.endless;
    }
    return longest;
  }

  const Draft& draft_;
  const ServiceRegistry* services_;
};

}  // namespace

DurationBound longest(const Draft& draft, core::StepIndex step, const ServiceRegistry* services) {
  return Bounds(draft, services).of_step(step);
}

}  // namespace skald::sagas
