#include "engine/core/retelling.hpp"

#include <algorithm>
#include <span>

#include "engine/core/comparable.hpp"
#include "engine/core/evolve.hpp"
#include "engine/core/plan.hpp"
#include "engine/core/recorded_cause.hpp"

namespace skald::core {
namespace {

// What a decision wrote, beside what was recorded: so many events are the same.
struct Attempted {
  std::size_t same = 0;
  std::vector<Event> written;
  bool fits = false;  // all of them are recorded
};

// The earliest time by which the saga wants to be woken.
std::optional<Timestamp> wake_of(const Definition& definition, const State& state) {
  std::optional<Timestamp> earliest;
  for (const Command& command : plan(definition, state))
    if (const auto* wake = std::get_if<WakeAt>(&command))
      earliest = std::min(earliest.value_or(wake->at), wake->at);
  return earliest;
}

Definition without_conditions(Definition definition) {
  for (CancelOn& on : definition.cancel_on) on.where.reset();
  return definition;
}

class Retelling {
 public:
  Retelling(const Telling& telling, SagaId id, const std::vector<Event>& events)
      : telling_(telling), events_(events) {
    state_.id = own_state_.id = id;
  }

  std::optional<Difference> tell() {
    while (told_ < events_.size())
      if (auto difference = tell_next()) return difference;
    return std::nullopt;
  }

 private:
  std::span<const Event> rest() const { return std::span(events_).subspan(told_); }

  std::optional<Difference> tell_next() {
    if (auto earlier = something_earlier()) return earlier;
    Attempted best;
    for (const RecordedCause& cause : recorded_causes(telling_, state_, rest())) {
      Attempted attempted = attempt(cause);
      if (attempted.fits) return take(attempted);
      if (attempted.same > best.same || best.written.empty()) best = std::move(attempted);
    }
    return difference(best);
  }

  Attempted attempt(const RecordedCause& cause) const {
    Attempted attempted;
    auto decision = decided(cause);
    if (!decision) return attempted;
    const auto recorded = rest();
    attempted.written = std::move(decision->events);
    const std::size_t count = std::min(attempted.written.size(), recorded.size());
    while (attempted.same < count && recorded[attempted.same].time == recorded[0].time &&
           is_same(recorded[attempted.same], attempted.written[attempted.same], telling_.is_own()))
      ++attempted.same;
    attempted.fits = !attempted.written.empty() && attempted.same == attempted.written.size();
    // The same failure, which another limit of attempts would not think worth an event.
    if (!telling_.is_own() && attempted.written.empty() && decision->progress &&
        std::holds_alternative<AttemptFailed>(recorded[0].fact))
      attempted = {1, {recorded[0]}, true};
    return attempted;
  }

  Result<Decision> decided(const RecordedCause& cause) const {
    const Definition& definition = telling_.definition;
    if (const auto* outcome = std::get_if<Outcome>(&cause.what))
      return decide_again(definition, cause.before, *outcome, cause.context);
    const Input& input = std::get<Input>(cause.what);
    if (cause.fits_unseen) return decide(without_conditions(definition), cause.before, input, cause.context);
    return decide(definition, cause.before, input, cause.context);
  }

  std::optional<Difference> take(const Attempted& attempted) {
    for (std::size_t i = 0; i < attempted.same; ++i) {
      const Event& recorded = events_[told_];
      fold(recorded, attempted.written[i]);
      ++told_;
      if (auto difference = of_request(recorded)) return difference;
    }
    return std::nullopt;
  }

  // Events fold as they were recorded, but for how long the saga waits for an event: a changed limit may end
  // that wait before the event comes.
  void fold(const Event& recorded, const Event& written) {
    Event event = recorded;
    auto* waiting = std::get_if<StepWaiting>(&event.fact);
    if (waiting && waiting->reason == "event") waiting->until = std::get<StepWaiting>(written.fact).until;
    state_ = evolve(std::move(state_), event);
    if (!telling_.is_own()) own_state_ = evolve(std::move(own_state_), recorded);
  }

  // A timer of the changed definition that would have ended before the next event, where none of the own one
  // was due.
  std::optional<Difference> something_earlier() const {
    if (telling_.is_own()) return std::nullopt;
    const auto wake = wake_of(telling_.definition, state_);
    const Timestamp next = events_[told_].time;
    if (!wake || *wake >= next) return std::nullopt;
    if (const auto own = wake_of(telling_.own, own_state_); own && *own < next) return std::nullopt;
    const auto decision = decide(telling_.definition, state_, TimePassed{}, {*wake, 0, 1, {}});
    if (!decision || decision->events.empty()) return std::nullopt;
    return Difference{number(), state_.phase, shown(events_[told_]), shown(decision->events.front()),
                      "a limit in time is over before, at " + to_rfc3339(*wake)};
  }

  // What the request holds beside what its event tells.
  std::optional<Difference> of_request(const Event& event) const {
    if (telling_.is_own()) return std::nullopt;
    const auto* action = std::get_if<StepRequested>(&event.fact);
    const auto* undo = std::get_if<CompensationRequested>(&event.fact);
    if (!action && !undo) return std::nullopt;
    const std::string why =
        difference_of_requests(telling_.own, telling_.definition, state_, action ? action->step : undo->step,
                               action ? Operation::Action : Operation::Compensate);
    if (why.empty()) return std::nullopt;
    return Difference{static_cast<std::int32_t>(told_), state_.phase, shown(event), shown(event), why};
  }

  std::optional<Difference> difference(const Attempted& best) {
    // Those that are the same are taken in, so that the difference has its number and its phase.
    for (std::size_t i = 0; i < best.same; ++i, ++told_) fold(events_[told_], best.written[i]);
    const Event* recorded = told_ < events_.size() ? &events_[told_] : nullptr;
    const Event* expected = best.same < best.written.size() ? &best.written[best.same] : nullptr;
    Difference found{number(), state_.phase, recorded ? shown(*recorded) : "nothing",
                     expected ? shown(*expected) : "nothing", ""};
    if (recorded && expected) found.why = difference_of(*recorded, *expected, telling_.is_own());
    if (!found.why.empty()) return found;
    if (!expected)
      found.why = "nothing that may have come then leads to it";
    else if (!recorded)
      found.why = "more would follow at once";
    else
      found.why = "another event would come first";
    return found;
  }

  std::int32_t number() const { return static_cast<std::int32_t>(told_) + 1; }

  const Telling& telling_;
  const std::vector<Event>& events_;
  State state_;
  State own_state_;  // as its own definition has it; only where that is another one
  std::size_t told_ = 0;
};

}  // namespace

std::optional<Difference> retell(const Definition& own, SagaId id, const std::vector<Event>& events) {
  const Telling telling{own, own};
  return Retelling(telling, id, events).tell();
}

std::optional<Difference> retell_changed(const Definition& changed, const Definition& own, SagaId id,
                                         const std::vector<Event>& events) {
  const Telling telling{changed, own};
  return Retelling(telling, id, events).tell();
}

}  // namespace skald::core
