#include "engine/core/waiting.hpp"

#include <algorithm>
#include <vector>

#include "engine/core/begin.hpp"
#include "engine/core/cancel.hpp"
#include "engine/core/compensation.hpp"
#include "engine/core/failure.hpp"
#include "engine/core/path.hpp"
#include "engine/core/scope.hpp"

namespace skald::core {
namespace {

Json event_value(const KeptEvent& kept) {
  return Json::object({{"name", kept.event.name},
                       {"data", kept.event.data},
                       {"time", to_rfc3339(kept.time)},
                       {"id", kept.event.id},
                       {"source", kept.event.source}});
}

// An event over which the condition fails does not fit: what strangers send must not end a saga.
bool fits(const Story& story, const StepPath& path, const std::optional<Template>& where, const Json& event) {
  if (!where) return true;
  const auto result = evaluate(*where, story.definition(), story.state(), path, "event", event);
  return result && is_true(*result);
}

// Gives the step the oldest kept event that fits. False: there is none.
bool take_kept(Story& story, const StepPath& path, const WaitFor& wait) {
  const auto all = story.state().kept;
  for (const auto& [number, kept] : all) {
    if (kept.event.name != wait.event || !fits(story, path, wait.where, event_value(kept))) continue;
    finish_step(story, path, kept.event.data,
                {1, "event", [&kept = kept](Json) { return event_value(kept); }, number});
    return true;
  }
  return false;
}

const WaitFor* waits_for_event(const Definition& definition, const StepPath& path) {
  return std::get_if<WaitFor>(&definition.find_step(id_of(path))->kind);
}

// The steps that wait for an event, the first requested first.
std::vector<StepPath> waiting_steps(const Story& story) {
  std::vector<std::pair<std::int32_t, StepPath>> found;
  for (const auto& [path, nothing] : story.state().open)
    if (waits_for_event(story.definition(), path))
      found.emplace_back(story.state().find_step(path)->requested_version, path);
  std::sort(found.begin(), found.end());
  std::vector<StepPath> paths;
  for (auto& [version, path] : found) paths.push_back(std::move(path));
  return paths;
}

// The first cancelOn that the event fits, if it may still cancel.
bool cancels(const Story& story, const KeptEvent& event) {
  return std::any_of(
      story.definition().cancel_on.begin(), story.definition().cancel_on.end(), [&](const CancelOn& on) {
        return on.event == event.event.name && !too_late(story.definition(), story.state(), on.until) &&
               fits(story, "", on.where, event_value(event));
      });
}

void cancel_by(Story& story, const std::string& event) {
  Problem cause = make_problem(problem_type::kCancelled, "by the event " + event);
  cause.event = event;
  start_undo(story, std::move(cause), "");
}

std::string why_not_kept(const State& state) {
  if (state.phase == Phase::Ended) return "the saga has ended: it is " + status_of(state);
  return "the saga is being undone";
}

}  // namespace

void begin_wait(Story& story, const StepPath& path, const WaitFor& wait) {
  if (take_kept(story, path, wait)) return;
  const auto until = wait.timeout ? std::optional(story.now() + *wait.timeout) : std::nullopt;
  story.add(StepWaiting{path, "event", until});
}

void begin_wait(Story& story, const StepPath& path, const Wait& wait) {
  Timestamp until = story.now() + wait.duration;
  if (wait.until) {
    const auto value = evaluate(*wait.until, story.definition(), story.state(), path);
    if (!value) return give_up_unasked(story, path, invalid("until: " + value.error().message));
    const auto time = value->is_string() ? parse_rfc3339(value->as_string()) : invalid("no text");
    if (!time)
      return give_up_unasked(story, path, invalid("until: this is no time such as 2026-11-21T07:00:00Z"));
    until = *time;
  }
  if (until <= story.now()) return finish_step(story, path, Json());
  story.add(StepWaiting{path, "timer", until});
}

void wait_for(Story& story, const StepPath& path, std::string_view reason) {
  story.add(StepWaiting{path, std::string(reason), std::nullopt});
}

void end_wait(Story& story, const StepPath& path) {
  const StepState& state = *story.state().find_step(path);
  const Step& step = *story.definition().find_step(id_of(path));
  if (state.operation() != Operation::Action || !state.until || *state.until > story.now()) return;
  if (std::holds_alternative<Wait>(step.kind)) return finish_step(story, path, Json());
  const auto* wait = std::get_if<WaitFor>(&step.kind);
  if (!wait) return;
  if (wait->on_timeout == OnTimeout::Continue) return story.add(StepSucceeded{path, 1, Json(), std::nullopt});
  Problem error =
      make_problem(problem_type::kTimeout, "no " + wait->event + " within " + skald::to_text(*wait->timeout));
  error.event = wait->event;
  give_up_step(story, path, {std::move(error), Reason::Refused, 1, false});
}

Result<void> take_event(Story& story, const EventArrived& event) {
  const State& state = story.state();
  const bool is_signal = event.key.empty();
  if (state.phase == Phase::NotStarted) return not_found("the saga has not started");
  if (!story.definition().waits_for(event.name) && !story.definition().is_cancelled_by(event.name)) {
    if (is_signal) return invalid("its definition names no event '" + event.name + "'");
    return {};
  }
  if (!event.id.empty() && state.received.contains(event.source + ' ' + event.id)) return {};
  const KeptEvent arrived{{event.name, event.data, event.id, event.source, event.key}, story.now()};
  if (state.is_undoing() || state.phase == Phase::Ended) {
    // What a completed saga keeps of an event is that it is undone.
    if (!state.is_undoing() && cancels(story, arrived)) return cancel_by(story, event.name), Result<void>();
    if (is_signal) return conflict(why_not_kept(state));
    return {};
  }
  story.add(arrived.event);
  if (cancels(story, arrived)) return cancel_by(story, event.name), Result<void>();
  hand_out_kept_events(story);
  // One that is taken at once finds room always: it may be what the others wait behind.
  if (story.state().kept.size() > kMostKeptEvents)
    return limit_reached("the saga keeps " + std::to_string(kMostKeptEvents) +
                         " events that no step has taken");
  return {};
}

void hand_out_kept_events(Story& story) {
  for (const StepPath& path : waiting_steps(story)) {
    if (story.state().is_held() || story.state().phase != Phase::Forward) return;
    take_kept(story, path, *waits_for_event(story.definition(), path));
  }
}

}  // namespace skald::core
