#include "sagas/explore/happenings.hpp"

#include <algorithm>

#include "engine/core/deadline.hpp"
#include "engine/core/path.hpp"
#include "engine/core/pivot.hpp"
#include "engine/core/plan.hpp"
#include "sagas/explore/arrival.hpp"

namespace skald::sagas {
namespace {

using core::Operation;
using core::StepPath;

constexpr int kRefusal = 409;

std::string word_of(const StepPath& step, Operation operation) {
  return operation == Operation::Action ? step : "undo of " + step;
}

core::Answer answer_with(int status, const Json& body) {
  return {status, {{"Content-Type", "application/json"}}, body.is_null() ? "" : body.dump()};
}

class Gatherer {
 public:
  Gatherer(const core::Definition& definition, const Samples& samples, const core::State& state,
           Timestamp now)
      : definition_(definition), samples_(samples), state_(state), now_(now) {}

  std::vector<Happening> gather() {
    for (const core::Command& command : core::plan(definition_, state_)) std::visit(*this, command);
    for (const auto& [path, nothing] : state_.open) await_event(path);
    pass_time();
    if (!state_.is_undoing()) cancel();
    return std::move(found_);
  }

  void operator()(const core::CallService& call) {
    if (now_ < call.not_before) return leave(call.not_before);
    call_answers(call.step, call.operation, call.attempt);
  }
  void operator()(const core::AwaitAnswer& awaited) {
    if (state_.find_step(awaited.step)->request.queue.empty())
      return call_answers(awaited.step, awaited.operation, awaited.attempt);
    task_answers(awaited.step, awaited.operation, awaited.attempt);
  }
  void operator()(const core::OfferTask& task) {
    if (now_ < task.not_before) return leave(task.not_before);
    task_answers(task.step, task.operation, task.attempt);
  }
  void operator()(const core::RunChild& child) {
    if (child.operation == Operation::Compensate) {
      end_child(child, "done", "completed", Json());
    } else {
      for (const Json& output : samples_.of(core::id_of(child.step)))
        end_child(child, "done" + told(child.step, output), "completed", output);
    }
    end_child(child, "refused", "compensated", Json(), true);
    end_child(child, "its child fails and may leave something behind", "failed", Json(), true);
  }
  void operator()(const core::UndoChild& child) {
    const bool running = child.operation == Operation::Action;
    end_child(child, running ? "its child is undone" : "done", "cancelled", Json());
    end_child(child, "its child is past its pivot", running ? "completed" : "refused", Json(), true);
    if (running) end_child(child, "its child fails and may leave something behind", "failed", Json(), true);
  }
  void operator()(const core::DeliverEvent& event) {
    add({Happening::Kind::Answer, word_of(event.step, event.operation) + ": done", false,
         core::EventDelivered{event.step, event.operation, 1}, now_});
  }
  void operator()(const core::WakeAt& wake) {
    if (!wake_ || wake.at < *wake_) wake_ = wake.at;
  }
  // Not met: what was accepted is not walked through, nor what an operator does.
  void operator()(const core::PollLocation&) {}
  void operator()(const core::KeepAwaiting&) {}

 private:
  void add(Happening happening) { found_.push_back(std::move(happening)); }
  void answer(const std::string& words, bool trouble, core::Input input) {
    add({Happening::Kind::Answer, words, trouble, std::move(input), now_});
  }
  // The wait for the next attempt is over.
  void leave(Timestamp at) { add({Happening::Kind::Answer, "", false, std::nullopt, at}); }

  // Which of several answers it is.
  std::string told(const StepPath& step, const Json& output) const {
    return samples_.of(core::id_of(step)).size() > 1 ? " with " + output.dump() : "";
  }

  void call_answers(const StepPath& step, Operation operation, std::uint32_t attempt) {
    const std::string word = word_of(step, operation) + ": ";
    const auto answered = [&](int status, const Json& body) {
      return core::CallAnswered{step, operation, attempt, false, answer_with(status, body)};
    };
    const auto failed = [&](core::CallFailure failure) {
      return core::CallFailed{step, operation, attempt, false, failure, ""};
    };
    if (operation == Operation::Compensate) {
      answer(word + "done", false, answered(200, Json()));
    } else {
      for (const Json& body : samples_.of(core::id_of(step)))
        answer(word + "done" + told(step, body), false, answered(200, body));
    }
    answer(word + "refused", true, answered(kRefusal, Json::object({{"title", "Refused"}})));
    if (!only_repeats(step, operation, attempt))
      answer(word + "cannot be reached", true, failed(core::CallFailure::NotSent));
    // Of an undo it makes no difference what became of the call.
    if (operation == Operation::Action && !only_repeats_unknown(step, attempt))
      answer(word + "no answer", true, failed(core::CallFailure::TimedOut));
  }
  // Where attempts have no limit, one more that fails changes nothing …
  bool only_repeats(const StepPath& path, Operation operation, std::uint32_t attempt) const {
    const core::Step& step = *definition_.find_step(core::id_of(path));
    if (attempt == 1 || (operation == Operation::Action && state_.is_undoing())) return false;
    if (operation == Operation::Compensate) return step.undo->effort.retry.maximum_attempts == 0;
    return step.effort.retry.maximum_attempts == 0 || core::is_unknown_pivot(step, state_);
  }
  // … unless it is the first of which nobody knows what became.
  bool only_repeats_unknown(const StepPath& path, std::uint32_t attempt) const {
    return only_repeats(path, Operation::Action, attempt) && state_.find_step(path)->possibly_done;
  }
  void task_answers(const StepPath& step, Operation operation, std::uint32_t attempt) {
    const std::string word = word_of(step, operation) + ": ";
    if (operation == Operation::Compensate) {
      answer(word + "done", false, core::TaskDone{step, operation, attempt, Json()});
    } else {
      for (const Json& output : samples_.of(core::id_of(step)))
        answer(word + "done" + told(step, output), false, core::TaskDone{step, operation, attempt, output});
    }
    core::Problem refused = core::make_problem(core::problem_type::kRejected, "the worker refuses");
    refused.status = kRefusal;
    answer(word + "refused", true, core::TaskRefused{step, operation, attempt, refused, false});
    const bool repeats = operation == Operation::Action ? only_repeats_unknown(step, attempt)
                                                        : only_repeats(step, operation, attempt);
    if (!repeats)
      answer(word + "no answer", true,
             core::CallFailed{step, operation, attempt, false, core::CallFailure::TimedOut, ""});
  }
  template <class Command>
  void end_child(const Command& command, const std::string& words, const char* status, const Json& output,
                 bool trouble = false) {
    answer(word_of(command.step, command.operation) + ": " + words, trouble,
           core::ChildEnded{command.step, command.operation, command.child, status, output, std::nullopt});
  }

  void await_event(const StepPath& path) {
    const core::Step& step = *definition_.find_step(core::id_of(path));
    const auto* wait = std::get_if<core::WaitFor>(&step.kind);
    if (!wait || state_.find_step(path)->operation() != Operation::Action) return;
    for (const Json& sample : samples_.of(step.id)) {
      const auto data = fitting_data(definition_, state_, path, wait->event, wait->where, sample);
      if (data)
        add({Happening::Kind::Event, path + ": " + wait->event + " comes" + told(path, *data), false,
             core::EventArrived{wait->event, *data, "", "", state_.business_key}, now_});
    }
  }

  // Timers go off in their order; what is due together goes off together.
  void pass_time() {
    if (!wake_) return;
    const auto deadline = core::deadline_of(definition_, state_);
    const bool of_saga = deadline && *deadline == *wake_;
    const Timestamp then = std::max(now_, *wake_);
    add({of_saga ? Happening::Kind::Deadline : Happening::Kind::Time, words_of_time(of_saga),
         of_saga || is_missed(), core::TimePassed{}, then});
  }
  std::string words_of_time(bool of_saga) const {
    if (of_saga) return "the deadline passes";
    const StepPath* path = due();
    if (!path) return "time passes";
    return *path + (is_missed() ? ": no event in time" : ": its time has come");
  }
  // The step whose timer goes off next.
  const StepPath* due() const {
    for (const auto& [path, nothing] : state_.open)
      if (state_.find_step(path)->until == wake_) return &path;
    return nullptr;
  }
  bool is_missed() const {
    const StepPath* path = due();
    return path && std::holds_alternative<core::WaitFor>(definition_.find_step(core::id_of(*path))->kind);
  }

  void cancel() {
    add({Happening::Kind::Cancel, "cancelled", true, core::CancelRequested{"", "client"}, now_});
    for (const core::CancelOn& on : definition_.cancel_on) {
      const auto data = fitting_data(definition_, state_, "", on.event, on.where, Json::Object{});
      if (data)
        add({Happening::Kind::CancelOn, "cancelled by " + on.event, true,
             core::EventArrived{on.event, *data, "", "", state_.business_key}, now_});
    }
  }

  const core::Definition& definition_;
  const Samples& samples_;
  const core::State& state_;
  const Timestamp now_;
  std::optional<Timestamp> wake_;
  std::vector<Happening> found_;
};

}  // namespace

std::vector<Happening> happenings(const core::Definition& definition, const Samples& samples,
                                  const core::State& state, Timestamp now) {
  return Gatherer(definition, samples, state, now).gather();
}

}  // namespace skald::sagas
