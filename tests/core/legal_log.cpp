#include "tests/core/legal_log.hpp"

#include <map>

#include "engine/core/event_codec.hpp"

namespace skald::core::testing {
namespace {

struct Seen {
  std::size_t requested = 0, closed = 0;  // event numbers, 0: not
  bool done = false, possibly_done = false;
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

  std::string operator()(const SagaStarted&) { return number_ == 1 ? "" : "started twice"; }
  std::string operator()(const StepRequested& e) {
    Seen& seen = steps_[e.step];
    if (undoing_) return "a step is requested in an undo";
    if (open_ != 0) return "a step is requested beside another";
    if (seen.requested != 0) return "a step is requested twice";
    if (e.step != next_step()) return "a step is out of its turn";
    seen.requested = number_;
    ++open_;
    ++reached_;
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
    if (e.step != next_step() || e.attempts != 0) return "a step fails that was not its turn";
    ++reached_;
    seen.closed = number_;
    return "";
  }
  std::string operator()(const StepSkipped& e) {
    if (e.step != next_step() || undoing_) return "a step is skipped that was not its turn";
    ++reached_;
    steps_[e.step].closed = number_;
    return "";
  }
  std::string operator()(const CompensationStarted& e) {
    if (undoing_) return "two undos";
    if (e.after_completion != ended_) return "afterCompletion does not tell the truth";
    if (ended_ && definition_.cancel_until != CancelUntil::Forever) return "an ended saga is undone";
    if (is_past_pivot() && definition_.cancel_until != CancelUntil::Forever)
      return "an undo behind the pivot";
    undoing_ = true;
    ended_ = false;
    return "";
  }
  std::string operator()(const CompensationRequested& e) {
    Seen& seen = steps_[e.step];
    if (!undoing_ || open_ != 0) return "an undo is requested too early";
    if (!needs_undo(e.step)) return "an undo is requested of a step that needs none";
    if (seen.undo_requested != 0) return "an undo is requested twice";
    if (const auto fault = comes_in_turn(e.step); !fault.empty()) return fault;
    seen.undo_requested = number_;
    return "";
  }
  std::string operator()(const StepCompensated& e) {
    if (const auto fault = is_under_way(e.step, Operation::Compensate); !fault.empty()) return fault;
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
  std::string operator()(const auto&) { return "this kind of event is not known here"; }
  std::string operator()(const SagaStuck&) { return ended_ ? "stuck after the end" : ""; }
  std::string operator()(const SagaEnded& e) {
    ended_ = true;
    if (e.status == "completed")
      return undoing_ || open_ != 0 || reached_ != definition_.steps.size() ? "completed too early" : "";
    if (!undoing_) return "ended without an undo";
    for (const Step& step : definition_.steps)
      if (needs_undo(step.id) && steps_[step.id].undo_closed == 0)
        return "ended before " + step.id + " was undone";
    if ((e.status == "failed") != (undos_failed_ > 0)) return "failed and failed undos do not go together";
    const std::string undo = undos_failed_ > 0 ? "partial" : undone_ > 0 ? "done" : "none";
    return e.undo == undo ? "" : "the undo is told wrongly";
  }

 private:
  std::string next_step() const {
    return reached_ < definition_.steps.size() ? definition_.steps[reached_].id : "";
  }
  std::string close(const StepPath& path) {
    if (steps_[path].closed != 0) return "a step has two outcomes";
    steps_[path].closed = number_;
    --open_;
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
    return definition_.find_step(path)->undo && (seen.done || seen.possibly_done);
  }
  // Every step that was requested after this one was done, and needs an undo, has had it.
  std::string comes_in_turn(const StepPath& path) {
    if (definition_.undo_order == UndoOrder::Parallel) return "";
    for (const auto& [later, seen] : steps_)
      if (seen.requested > steps_[path].closed && needs_undo(later) && seen.undo_closed == 0)
        return path + " is undone before " + later;
    return "";
  }
  bool is_past_pivot() {
    const auto pivot = definition_.pivot();
    if (!pivot) return false;
    const Seen& seen = steps_[definition_.steps[*pivot].id];
    // Refused, or certainly not done: then it has failed, which is what the undo follows from.
    const bool failed = seen.closed != 0 && !seen.done;
    return seen.requested != 0 && !failed;
  }

  const Definition& definition_;
  std::map<StepPath, Seen> steps_;
  std::size_t number_ = 0, reached_ = 0, undone_ = 0, undos_failed_ = 0;
  int open_ = 0;
  bool undoing_ = false, ended_ = false;
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
