#include "tests/simulation/workers.hpp"

#include <utility>

#include "engine/core/event_codec.hpp"
#include "engine/core/render.hpp"
#include "tests/simulation/random_saga.hpp"

namespace skald::simulation {

using namespace std::chrono_literals;
using core::Operation;

namespace {

constexpr int kTries = 5;  // of saying a word that was not answered
constexpr Duration kBetweenTries = 1s;
constexpr Duration kShortestTask = 1ms, kLongestTask = 300ms;

}  // namespace

void Workers::poll(LaneOfNode& at) {
  at.post([this, &at] {
    Chance& chance = house_.surroundings.chance;
    for (const char* queue : kQueues) {
      runtime::TaskPoll poll;
      poll.queue = queue;
      poll.worker = "worker";
      poll.max = chance.between(std::size_t{1}, 4);
      poll.lease = chance.between(1s, 8s);
      for (runtime::LeasedTask& leased : at.lane().take_tasks(poll)) {
        auto task = std::make_shared<Task>();
        task->operation =
            leased.operation == core::to_text(Operation::Action) ? Operation::Action : Operation::Compensate;
        task->leased = std::move(leased);
        // The answer to the poll is on its way, whatever becomes of the node.
        house_.surroundings.after(1ms, [this, task] { take(task); });
      }
    }
  });
}

void Workers::take(const Held& task) {
  Surroundings& around = house_.surroundings;
  const runtime::LeasedTask& leased = task->leased;
  const std::string who = to_text(leased.saga) + ":" + leased.step;
  if (!house_.witness.was_requested(leased.saga, leased.step, task->operation))
    around.violated("I9", who + " is leased and the log does not say so");
  if (around.tell)
    around.tell(to_text(leased.saga).substr(24) + " -> a worker has " + leased.id.substr(24) + " until " +
                to_rfc3339(leased.lease_until));
  const Duration lease = leased.lease_until - around.database_now();
  const auto hit = [&](Fault fault) { around.faults.hit(fault); };
  switch (around.faulty ? around.chance.below(16) : 99) {
    case 0: return hit(Fault::WorkerDied);
    case 1: hit(Fault::WorkerDiedAfterWork); return static_cast<void>(work(task));
    case 2: hit(Fault::WorkerGaveBack); return say(task, failed(*task, true));
    case 3: {
      // A worker refuses only what nobody has done.
      Work& known = ledger_.at({leased.saga, leased.step});
      const bool action = task->operation == Operation::Action;
      std::optional<int>& refusal = action ? known.refusal : known.undo_refusal;
      if (known.undo_came || refusal || (action && known.effects > 0)) break;
      hit(Fault::WorkerRefused);
      refusal = 422;
      return say(task, failed(*task, false));
    }
    case 4:
      hit(Fault::WorkerTooLate);
      work(task);
      return finish_after(task, std::max(lease, Duration(0)) + around.chance.between(1ms, 5s));
    case 5:
      hit(Fault::WorkerBeat);
      return beat(task, static_cast<int>(around.chance.between(std::size_t{1}, 4)));
    default: break;
  }
  finish_after(task, around.chance.between(kShortestTask, kLongestTask));
}

int Workers::work(const Held& task) {
  const Ledger::Key key{task->leased.saga, task->leased.step};
  if (task->operation == Operation::Compensate) return ledger_.undo(key);
  const std::string body = task->leased.body.dump();
  std::string& known = ledger_.at(key).request;
  if (known.empty()) known = body;
  if (known != body)
    house_.surroundings.violated("key", to_text(key.saga) + ":" + key.step + " names two tasks");
  return ledger_.act(key);
}

void Workers::finish_after(const Held& task, Duration span) {
  house_.surroundings.after(span, [this, task] {
    const int status = work(task);
    const bool is_done = status == 200 || (status == 404 && task->operation == Operation::Compensate);
    say(task, is_done ? done(*task) : failed(*task, false));
  });
}

void Workers::beat(const Held& task, int times) {
  if (times == 0) return finish_after(task, kShortestTask);
  house_.surroundings.after(700ms, [this, task, times] {
    LaneOfNode* owner = house_.owner_of(task->leased.saga.partition());
    if (!owner) return;
    owner->post([this, owner, task, times] {
      const auto name = runtime::parse_task_name(task->leased.id);
      owner->lane().heartbeat(*name, 2s, [this, task, times](const Result<Timestamp>& until) {
        if (until) beat(task, times - 1);
      });
    });
  });
}

void Workers::say(const Held& task, core::Input word) {
  Surroundings& around = house_.surroundings;
  if (++task->tries > kTries) return;
  const auto again = [this, task, word] {
    house_.surroundings.after(kBetweenTries, [this, task, word] { say(task, word); });
  };
  LaneOfNode* owner = house_.owner_of(task->leased.saga.partition());
  if (!owner) return again();
  const auto name = runtime::parse_task_name(task->leased.id);
  if (!name) return around.violated("task", "no id of a task: " + task->leased.id);
  const bool was_over = house_.witness.has_failed(name->saga, name->step, name->operation, name->attempt);
  owner->post([this, owner, task, word, name = *name, was_over, again] {
    owner->lane().word_of_worker(name, word,
                                 [this, task, word, was_over, again](Result<runtime::Snapshot> answer) {
                                   if (!answer && answer.error().kind == ErrorKind::Unavailable)
                                     return again();
                                   answered(task, word, was_over, answer);
                                 });
  });
}

void Workers::answered(const Held& task, const core::Input& word, bool was_over,
                       const Result<runtime::Snapshot>& answer) {
  Surroundings& around = house_.surroundings;
  if (around.tell)
    around.tell(to_text(task->leased.saga).substr(24) + " -> the word on " + task->leased.id.substr(24) +
                ": " + (answer ? "accepted" : answer.error().message));
  if (!answer) return;
  if (was_over) around.violated("lease", task->leased.id + " was over, and a word on it is accepted");
  if (std::holds_alternative<core::TaskDone>(word)) accepted_.push_back(task);
}

core::Input Workers::done(const Task& task) const {
  const auto name = runtime::parse_task_name(task.leased.id);
  return core::TaskDone{name->step, name->operation, name->attempt, Json("done")};
}

core::Input Workers::failed(const Task& task, bool retryable) const {
  const auto name = runtime::parse_task_name(task.leased.id);
  return core::TaskRefused{name->step, name->operation, name->attempt,
                           core::make_problem(retryable ? "later" : "no", "said by the worker"), retryable};
}

void Workers::check_words() const {
  for (const Held& task : accepted_) {
    const SeenSaga* saga = house_.witness.find(task->leased.saga);
    const core::StepState* step = saga ? saga->folded.find_step(task->leased.step) : nullptr;
    const bool recorded =
        step && (task->operation == Operation::Action ? step->forward == core::Forward::Succeeded
                                                      : step->backward == core::Backward::Undone);
    if (!recorded)
      house_.surroundings.violated("I1",
                                   task->leased.id + " was accepted as done, and the log does not say so");
  }
}

}  // namespace skald::simulation
