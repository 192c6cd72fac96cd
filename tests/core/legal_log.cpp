#include "tests/core/legal_log.hpp"

#include <algorithm>
#include <map>

#include "engine/core/event_codec.hpp"
#include "engine/core/path.hpp"

namespace skald::core::testing {
namespace {

struct Seen {
  std::size_t requested = 0, closed = 0;  // event numbers, 0: not
  bool done = false, possibly_done = false, skipped = false;
  std::string undo_kind;
  std::optional<SagaId> undo_child;
  std::size_t undo_requested = 0, undo_closed = 0;
};

class Reader {
 public:
  explicit Reader(const Definition& definition) : definition_(definition) {}

  // Each returns what is wrong with its event, or nothing.
  std::string read(const Event& event) {
    ++number_;
    if (number_ == 1 && !std::holds_alternative<SagaStarted>(event.fact))
      return "the first event is no SagaStarted";
    if (event.time < last_time_) return "time runs backwards";
    last_time_ = event.time;
    const bool after_end = ended_;
    const std::string fault = std::visit(*this, event.fact);
    if (!fault.empty()) return fault;
    if (after_end && !std::holds_alternative<CompensationStarted>(event.fact))
      return "something follows the end";
    return "";
  }

  std::string operator()(const SagaStarted& e) {
    has_parent_ = e.parent.has_value();
    return number_ == 1 ? "" : "started twice";
  }
  std::string operator()(const StepRequested& e) {
    Seen& seen = steps_[e.step];
    if (undoing_) return "a step is requested in an undo";
    if (paused_) return "a step is requested while the saga is paused";
    if (seen.requested != 0 && seen.closed == 0) return "a step is requested twice";
    if (const auto fault = has_turn(e.step); !fault.empty()) return fault;
    if (seen.requested == 0) seen.requested = number_;
    seen.closed = 0;
    return "";
  }
  std::string operator()(const StepWaiting& e) {
    const Seen& seen = steps_[e.step];
    const bool under_way =
        seen.requested != 0 && (seen.closed == 0 || (seen.undo_requested != 0 && seen.undo_closed == 0));
    return under_way ? "" : "a step waits that is not under way";
  }
  std::string operator()(const EventReceived&) {
    return undoing_ || ended_ ? "an event is kept too late" : "";
  }
  std::string operator()(const SagaPaused&) {
    if (paused_) return "paused twice";
    paused_ = true;
    return "";
  }
  std::string operator()(const SagaResumed&) {
    if (!paused_) return "resumed without a pause";
    paused_ = false;
    return "";
  }
  std::string operator()(const RetryRequested& e) {
    if (e.step.empty()) return "";
    Seen& seen = steps_[e.step];
    if (seen.undo_requested != 0 || seen.undo_closed != 0) {
      if (seen.undo_closed != 0) --undos_failed_;
      seen.undo_closed = 0;  // what could not be written was not requested either, and is now
    } else {
      seen.closed = 0;
    }
    return "";
  }
  std::string operator()(const StepAccepted& e) { return is_under_way(e.step, e.operation); }
  std::string operator()(const AttemptFailed& e) {
    if (e.operation == Operation::Action) steps_[e.step].possibly_done |= e.possibly_done;
    if (e.operation == Operation::Action && undoing_) return "another attempt is announced in an undo";
    return is_under_way(e.step, e.operation);
  }
  std::string operator()(const StepSucceeded& e) {
    if (const auto fault = is_under_way(e.step, Operation::Action); !fault.empty()) return fault;
    steps_[e.step].done = true;
    return close(e.step);
  }
  std::string operator()(const StepFailed& e) {
    Seen& seen = steps_[e.step];
    if (seen.closed != 0) return "a step fails after its outcome";
    if (seen.possibly_done && !e.possibly_done) return "a possibly done step is said to be not done";
    seen.possibly_done = e.possibly_done;
    if (seen.requested != 0) return close(e.step);
    if (e.attempts != 0) return "a step fails with attempts that was never requested";
    if (const auto fault = has_turn(e.step); !fault.empty()) return fault;
    seen.closed = number_;
    return "";
  }
  std::string operator()(const StepSkipped& e) {
    Seen& seen = steps_[e.step];
    if (e.reason == "operator") return skip(seen);
    if (undoing_) return "a step is skipped in an undo";
    if (e.reason == "if")
      if (const auto fault = has_turn(e.step); !fault.empty()) return fault;
    seen.closed = number_;
    seen.skipped = true;
    return "";
  }
  std::string operator()(const CompensationStarted& e) {
    if (undoing_) return "two undos";
    if (e.after_completion != ended_) return "afterCompletion does not tell the truth";
    const bool with_parent = has_parent_ && e.by == "its parent";
    if (ended_ && !with_parent && !has_a_way_back_for_ever(e)) return "an ended saga is undone";
    if (is_past_pivot() && !has_a_way_back_for_ever(e)) return "an undo behind the pivot";
    undoing_ = true;
    ended_ = false;
    return "";
  }
  std::string operator()(const CompensationRequested& e) {
    Seen& seen = steps_[e.step];
    // A child that could not be undone is undone by other means: still the same undo.
    const bool child_first =
        seen.undo_requested != 0 && seen.undo_kind == "saga" && e.request.child != seen.undo_child;
    if (!undoing_ || (paused_ && !child_first) || action_is_open()) return "an undo is requested too early";
    if (!needs_undo(e.step)) return "an undo is requested of a step that needs none";
    if (seen.undo_requested != 0 && !child_first) return "an undo is requested twice";
    seen.undo_kind = e.kind;
    seen.undo_child = e.request.child;
    if (const auto fault = comes_in_turn(e.step); !fault.empty()) return fault;
    seen.undo_requested = number_;
    return "";
  }
  std::string operator()(const StepCompensated& e) {
    if (const auto fault = is_under_way(e.step, Operation::Compensate);
        !fault.empty() && steps_[e.step].undo_closed == 0)
      return fault;
    if (steps_[e.step].undo_closed != 0) --undos_failed_;  // a person says that it was done by other means
    if (e.succeeded != steps_[e.step].done) return "`succeeded` does not tell the truth";
    steps_[e.step].undo_closed = number_;
    ++undone_;
    return "";
  }
  std::string operator()(const CompensationFailed& e) {
    if (!needs_undo(e.step) || steps_[e.step].undo_closed != 0) return "an undo fails that was not under way";
    if (const auto fault = comes_in_turn(e.step); !fault.empty()) return fault;
    steps_[e.step].undo_closed = number_;
    ++undos_failed_;
    return "";
  }
  std::string operator()(const SagaStuck&) { return ended_ ? "stuck after the end" : ""; }
  std::string operator()(const SagaEnded& e) {
    ended_ = true;
    if (e.error && e.error->type == problem_type::kTerminated) return "";
    const bool refused_at_start = number_ == 2 && e.status == "failed" && e.error;
    if (refused_at_start) return "";
    if (e.status == "completed") return undoing_ || !all_through() ? "completed too early" : "";
    if (!undoing_) return "ended without an undo";
    for (const auto& [path, seen] : steps_)
      if (needs_undo(path) && seen.undo_closed == 0) return "ended before " + path + " was undone";
    if ((e.status == "failed") != (undos_failed_ > 0)) return "failed and failed undos do not go together";
    const std::string undo = undos_failed_ > 0 ? "partial" : undone_ > 0 ? "done" : "none";
    return e.undo == undo ? "" : "the undo is told wrongly";
  }

 private:
  const Step& step_of(const StepPath& path) const { return *definition_.find_step(id_of(path)); }

  bool is_through(const StepPath& path) const {
    const auto seen = steps_.find(path);
    if (seen == steps_.end() || seen->second.closed == 0) return false;
    return seen->second.done || seen->second.skipped || step_of(path).optional;
  }
  bool all_through() const {
    const auto& steps = definition_.blocks[0].steps;
    return std::all_of(steps.begin(), steps.end(),
                       [&](StepIndex index) { return is_through(definition_.steps[index].id); });
  }
  // The step before it is through, or its container has begun.
  std::string has_turn(const StepPath& path) const {
    const Step& step = step_of(path);
    const Block& block = definition_.blocks[step.block];
    if (step.position > 0) {
      const Step& earlier = definition_.steps[block.steps[step.position - 1]];
      return is_through(path_beside(path, earlier.id))
                 ? ""
                 : path + " begins before the step before it is through";
    }
    if (!block.owner) return "";
    const auto container = steps_.find(*container_of(definition_, step, path));
    const bool open =
        container != steps_.end() && container->second.requested != 0 && container->second.closed == 0;
    return open ? "" : path + " begins outside of its container";
  }
  bool action_is_open() const {
    return std::any_of(steps_.begin(), steps_.end(), [](const auto& entry) {
      return entry.second.requested != 0 && entry.second.closed == 0;
    });
  }
  std::string skip(Seen& seen) {
    if (seen.undo_requested != 0) {
      if (seen.undo_closed == 0) ++undos_failed_;
      seen.undo_closed = number_;
    } else {
      seen.closed = number_;
      seen.skipped = true;
    }
    return "";
  }
  std::string close(const StepPath& path) {
    if (steps_[path].closed != 0) return "a step has two outcomes";
    steps_[path].closed = number_;
    return "";
  }
  std::string is_under_way(const StepPath& path, Operation operation) {
    const Seen& seen = steps_[path];
    const bool action = seen.requested != 0 && seen.closed == 0;
    const bool undo = seen.undo_requested != 0 && seen.undo_closed == 0;
    return (operation == Operation::Action ? action : undo) ? "" : "not under way: " + path;
  }
  bool needs_undo(const StepPath& path) {
    const Seen& seen = steps_[path];
    const Step& step = step_of(path);
    const auto* action = std::get_if<Action>(&step.kind);
    const bool is_child = action && std::holds_alternative<SagaAction>(*action);
    return !step.keeps_effect && (step.undo || is_child) && (seen.done || seen.possibly_done);
  }
  // Every step that was requested after this one was done, and needs an undo, has had it.
  std::string comes_in_turn(const StepPath& path) {
    if (definition_.undo_order == UndoOrder::Parallel) return "";
    for (const auto& [later, seen] : steps_)
      if (seen.requested > steps_[path].closed && needs_undo(later) && seen.undo_closed == 0)
        return path + " is undone before " + later;
    return "";
  }
  // Whatever asks for the undo: an event that cancels has a word of its own.
  bool has_a_way_back_for_ever(const CompensationStarted& e) const {
    const auto& on = definition_.cancel_on;
    const bool by_event = std::any_of(on.begin(), on.end(), [&](const CancelOn& one) {
      return one.event == e.error.event && one.until == CancelUntil::Forever;
    });
    return by_event || definition_.cancel_until == CancelUntil::Forever;
  }
  bool is_past_pivot() {
    const auto pivot = definition_.pivot();
    if (!pivot) return false;
    const Seen& seen = steps_[definition_.steps[*pivot].id];
    // Refused, or certainly not done: then it has failed, which is what the undo follows from.
    const bool failed = seen.closed != 0 && !seen.done;
    const bool acts = std::holds_alternative<Action>(definition_.steps[*pivot].kind);
    return acts ? seen.requested != 0 && !failed : seen.done;
  }

  const Definition& definition_;
  std::map<StepPath, Seen> steps_;
  std::size_t number_ = 0, undone_ = 0, undos_failed_ = 0;
  bool undoing_ = false, ended_ = false, paused_ = false, has_parent_ = false;
  Timestamp last_time_;
};

}  // namespace

std::string fault_in(const Definition& definition, const std::vector<Event>& log) {
  Reader reader(definition);
  for (std::size_t i = 0; i < log.size(); ++i)
    if (const std::string fault = reader.read(log[i]); !fault.empty())
      return "event " + std::to_string(i + 1) + " (" + std::string(type_name(log[i].fact)) + "): " + fault;
  return "";
}

}  // namespace skald::core::testing
