// `answerAfter`: the caller of a start waits for that step, so the way to it must be short, whatever fails.
#include <algorithm>

#include "sagas/services.hpp"
#include "sagas/soundness/soundness.hpp"
#include "sagas/suggestion.hpp"

namespace skald::sagas {
namespace {

constexpr Duration kDefaultTimeout = std::chrono::seconds(5);
// How long a start waits by default (semantics.md 3).
constexpr Duration kPatience = std::chrono::seconds(30);
// Beyond a century it is all the same, and sums of longer spans would not fit a Duration.
constexpr Duration kCentury = std::chrono::days(36'500);

Duration attempt_timeout(const core::Step& step, const ServiceRegistry* services) {
  if (step.effort.timeout) return *step.effort.timeout;
  const std::string& name = std::get<core::HttpAction>(step.kind).service;
  const Service* service = services == nullptr ? nullptr : services->find(name);
  return service != nullptr && service->timeout ? *service->timeout : kDefaultTimeout;
}

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

// The longest that a step can take: every attempt times out. None: without end.
std::optional<Duration> longest(const core::Step& step, const ServiceRegistry* services) {
  const core::RetryPolicy& retry = step.effort.retry;
  const auto& total = step.effort.total_timeout;
  if (retry.maximum_attempts == 0 && !total) return std::nullopt;
  const Duration limit = std::min(total.value_or(kCentury), kCentury);
  if (retry.maximum_attempts == 0) return limit;
  const double attempts =
      static_cast<double>(attempt_timeout(step, services).count()) * retry.maximum_attempts;
  const double sum = std::min(attempts + longest_waits(retry), static_cast<double>(limit.count()));
  return Duration{static_cast<std::int64_t>(sum)};
}

std::string in_seconds(Duration span) {
  return skald::to_text(std::chrono::ceil<std::chrono::seconds>(span));
}

void check_time(const Draft& draft, std::size_t last, const ServiceRegistry* services, FaultList& faults) {
  const Place place = draft.source.find("answerAfter")->place();
  Duration sum{};
  for (std::size_t i = 0; i <= last; ++i) {
    if (!draft.steps[i].action) continue;
    const core::Step& step = draft.definition.steps[i];
    const auto span = longest(step, services);
    if (!span)
      return faults.warning(place,
                            "the start may wait without end for '" + step.id + "', which is retried for ever",
                            "give that step maximumAttempts or totalTimeout");
    sum += *span;
  }
  if (sum > kPatience)
    faults.warning(place,
                   "the steps up to the answer can take " + in_seconds(sum) +
                       ", timeouts, attempts and waits together; callers wait " + skald::to_text(kPatience),
                   "shorten timeout, maximumAttempts or totalTimeout");
}

}  // namespace

void check_answer_after(Draft& draft, const ServiceRegistry* services, FaultList& faults) {
  if (!draft.answer_after) return;
  const std::string& id = *draft.answer_after;
  const Place place = draft.source.find("answerAfter")->place();
  const auto index = draft.index_of(id);
  if (!index) return faults.error(place, "there is no step '" + id + "'", suggestion(id, draft.step_ids()));
  if (draft.definition.steps[*index].optional)
    faults.error(place, "the answer cannot wait for '" + id + "', which is optional",
                 "its failure would be answered like its success");
  draft.definition.answer_after = index;
  check_time(draft, *index, services, faults);
}

}  // namespace skald::sagas
