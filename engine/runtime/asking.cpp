// What somebody asks of sagas that run: cancels, signals, operators' acts, events, and the words of workers.
// Each goes to the lane that owns the saga.
#include "engine/base/failpoint.hpp"
#include "engine/runtime/inside.hpp"

namespace skald::runtime {

namespace {

// The children that a saga has under way, forwards or as an undo; of one that was ended, those it had.
std::vector<SagaId> children_of(const core::State& state) {
  std::vector<SagaId> children;
  for (const auto& [path, step] : state.steps) {
    if (step.request.child && step.forward == core::Forward::Open) children.push_back(*step.request.child);
    if (step.undo_request.child && step.backward == core::Backward::Open)
      children.push_back(*step.undo_request.child);
  }
  return children;
}

// Terminates one after the other; a child that is over, or has not begun, is none to terminate.
void terminate_all(Engine& engine, std::size_t lane, std::vector<SagaId> sagas, core::OperatorTerminate asked,
                   std::function<void(Result<void>)> done) {
  if (sagas.empty()) return done({});
  const SagaId next = sagas.back();
  sagas.pop_back();
  engine.terminate_saga(lane, next, asked, [&engine, lane, sagas, asked, done](Result<Snapshot> ended) {
    if (!ended && ended.error().kind == ErrorKind::Unavailable) return done(ended.error());
    terminate_all(engine, lane, sagas, asked, done);
  });
}

}  // namespace

void Engine::ask_saga(std::size_t lane, SagaId id, core::Input input, Done<Snapshot> done) {
  inside_->on_owner(lane, id.partition(), std::move(done),
                    [id, input = std::move(input)](Lane& owner, const Done<Snapshot>& done) {
                      owner.ask(id, input, done);
                    });
}

// The saga before its children: told that a child has failed, it would begin its undo.
void Engine::terminate_saga(std::size_t lane, SagaId id, core::OperatorTerminate asked, Done<Snapshot> done) {
  ask_saga(lane, id, asked, [this, lane, id, asked, done](Result<Snapshot> ended) {
    // One that has ended may have left children, where an earlier terminate broke off.
    const bool over = !ended && ended.error().kind == ErrorKind::Conflict;
    if (!ended && !over) return done(ended.error());
    const auto with_children = [this, lane, asked, done, ended](const Result<Snapshot>& saga) {
      FAILPOINT("terminated-children-not");
      if (!saga) return done(saga.error());
      terminate_all(*this, lane, children_of(saga->state), asked, [done, ended](Result<void> gone) {
        if (!gone) return done(gone.error());
        done(ended);
      });
    };
    over ? find_saga(lane, id, with_children) : with_children(ended);
  });
}

void Engine::deliver_event(std::size_t lane, EventToDeliver event, Done<Reached> done) {
  inside_->at(lane).others().deliver(std::move(event), std::move(done));
}

void Engine::decide_task(std::size_t lane, TaskName task, core::Input word, Done<Snapshot> done) {
  inside_->on_owner(lane, task.saga.partition(), std::move(done),
                    [task, word = std::move(word)](Lane& owner, const Done<Snapshot>& done) {
                      owner.word_of_worker(task, word, done);
                    });
}

void Engine::heartbeat_task(std::size_t lane, TaskName task, Duration lease, Done<Timestamp> done) {
  inside_->on_owner(
      lane, task.saga.partition(), std::move(done),
      [task, lease](Lane& owner, const Done<Timestamp>& done) { owner.heartbeat(task, lease, done); });
}

}  // namespace skald::runtime
