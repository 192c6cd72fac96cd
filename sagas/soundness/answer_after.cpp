// `answerAfter`: the caller of a start waits for that step, so the way to it must be short, whatever fails.
#include <algorithm>
#include <cmath>

#include "sagas/services.hpp"
#include "sagas/soundness/soundness.hpp"
#include "sagas/suggestion.hpp"

namespace skald::sagas {
namespace {

constexpr Duration kDefaultTimeout = std::chrono::seconds(5);
// How long a start waits by default (semantics.md 3).
constexpr Duration kPatience = std::chrono::seconds(30);

Duration attempt_timeout(const core::Step& step, const ServiceRegistry* services) {
  if (step.effort.timeout) return *step.effort.timeout;
  const std::string& name = std::get<core::HttpAction>(step.kind).service;
  const Service* service = services == nullptr ? nullptr : services->find(name);
  return service != nullptr && service->timeout ? *service->timeout : kDefaultTimeout;
}

// The longest that a step can take: every attempt times out, every wait has its full jitter. None: without end.
std::optional<Duration> longest(const core::Step& step, const ServiceRegistry* services) {
  const core::RetryPolicy& retry = step.effort.retry;
  if (retry.maximum_attempts == 0) return step.effort.total_timeout;
  const double cap = static_cast<double>(retry.maximum_interval.count());
  double wait = static_cast<double>(retry.initial_interval.count());
  double waits = 0;
  std::uint32_t left = retry.maximum_attempts - 1;
  for (; left > 0 && wait < cap && retry.backoff_coefficient > 1; --left) {
    waits += wait;
    wait *= retry.backoff_coefficient;
  }
  waits += left * std::min(wait, cap);
  const double attempts = static_cast<double>(attempt_timeout(step, services).count()) * retry.maximum_attempts;
  // Beyond a century it is all the same, and would not fit a Duration.
  const double sum = std::min(attempts + waits * (1 + retry.jitter), 3.2e15);
  const Duration together{static_cast<std::int64_t>(sum)};
  return step.effort.total_timeout ? std::min(together, *step.effort.total_timeout) : together;
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
      return faults.warning(place, "the start may wait without end for '" + step.id + "', which is retried for ever",
                            "give that step maximumAttempts or totalTimeout");
    sum += *span;
  }
  if (sum > kPatience)
    faults.warning(place, "the steps up to the answer can take " + in_seconds(sum) + " (attempts, their timeouts, and the waits between them); callers wait " +
                              skald::to_text(kPatience),
                   "shorten timeout, maximumAttempts or totalTimeout");
}

}  // namespace

void check_answer_after(Draft& draft, const ServiceRegistry* services, FaultList& faults) {
  if (!draft.answer_after) return;
  const auto& steps = draft.definition.steps;
  const auto step = std::find_if(steps.begin(), steps.end(), [&](const core::Step& candidate) { return candidate.id == *draft.answer_after; });
  const Place place = draft.source.find("answerAfter")->place();
  if (step == steps.end()) {
    std::vector<std::string> ids;
    for (const core::Step& known : steps) ids.push_back(known.id);
    return faults.error(place, "there is no step '" + *draft.answer_after + "'", suggestion(*draft.answer_after, ids));
  }
  const auto index = static_cast<std::size_t>(step - steps.begin());
  if (step->optional)
    faults.error(place, "the answer cannot wait for '" + step->id + "', which is optional",
                 "its failure would be answered like its success");
  draft.definition.answer_after = index;
  check_time(draft, index, services, faults);
}

}  // namespace skald::sagas
