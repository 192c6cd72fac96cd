// `answerAfter`: the caller of a start waits for that step, so the way to it must be short, whatever fails.
#include "sagas/soundness/duration_bound.hpp"
#include "sagas/soundness/scope.hpp"
#include "sagas/soundness/soundness.hpp"
#include "sagas/suggestion.hpp"

namespace skald::sagas {
namespace {

// How long a start waits by default (semantics.md 3).
constexpr Duration kPatience = std::chrono::seconds(30);

std::string in_seconds(Duration span) {
  return skald::to_text(std::chrono::ceil<std::chrono::seconds>(span));
}

void warn_of_endless(const Draft& draft, core::StepIndex index, Place place, FaultList& faults) {
  const core::Step& step = draft.definition.steps[index];
  const auto warn = [&](const std::string& why, const std::string& remedy) {
    faults.warning(place, "the start may wait without end for '" + step.id + "', which " + why, remedy);
  };
  const std::string earlier = "let the answer come after an earlier step";
  if (draft.kind_of<core::WaitFor>(index))
    return warn("waits for an event without a timeout", "give it a timeout, or " + earlier);
  if (draft.kind_of<core::Wait>(index)) return warn("waits until a time that the saga finds out", earlier);
  if (draft.kind_of<core::TaskAction>(index))
    return warn("waits for a worker", "give it a totalTimeout, or " + earlier);
  if (draft.kind_of<core::SagaAction>(index)) return warn("waits for the end of a child", earlier);
  if (draft.kind_of<core::ForEach>(index)) return warn("takes as long as its list is long", earlier);
  warn("is retried for ever", "give that step maximumAttempts or totalTimeout");
}

void check_time(const Draft& draft, core::StepIndex last, const ServiceRegistry* services,
                FaultList& faults) {
  const Place place = draft.source.find("answerAfter")->place();
  Duration sum{};
  for (const core::StepIndex step : draft.definition.blocks.front().steps) {
    const DurationBound bound = longest(draft, step, services);
    if (bound.endless) return warn_of_endless(draft, *bound.endless, place, faults);
    sum += bound.span;
    if (step == last) break;
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
  const auto containers = containers_of(draft.definition, *index);
  if (!containers.empty())
    return faults.error(place, "the answer cannot wait for '" + id + "', which is inside of another step",
                        "name '" + draft.definition.steps[containers.back()].id + "', which holds it");
  if (draft.definition.steps[*index].optional)
    faults.error(place, "the answer cannot wait for '" + id + "', which is optional",
                 "its failure would be answered like its success");
  draft.definition.answer_after = index;
  check_time(draft, *index, services, faults);
}

}  // namespace skald::sagas
