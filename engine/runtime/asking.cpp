// What somebody asks of sagas that run: cancels, signals, operators' acts, events, and the words of workers.
// Each goes to the lane that owns the saga.
#include "engine/runtime/inside.hpp"
#include "engine/runtime/router.hpp"

namespace skald::runtime {

namespace {

// The children that a saga has under way, forwards or as an undo.
std::vector<SagaId> children_of(const core::State& state) {
  std::vector<SagaId> children;
  for (const auto& [path, nothing] : state.open) {
    const core::StepState& step = *state.find_step(path);
    const auto& request = step.operation() == core::Operation::Action ? step.request : step.undo_request;
    if (request.child) children.push_back(*request.child);
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
  const std::size_t owner = inside_->owner_of(id.partition(), lane);
  inside_->on_lane(
      lane, owner,
      [this, owner, id, input = std::move(input), done = inside_->back_to(lane, owner, std::move(done))] {
        inside_->at(owner).lane().ask(id, input, done);
      });
}

void Engine::terminate_saga(std::size_t lane, SagaId id, core::OperatorTerminate asked, Done<Snapshot> done) {
  find_saga(lane, id, [this, lane, id, asked, done](Result<Snapshot> saga) {
    if (!saga) return done(saga.error());
    terminate_all(*this, lane, children_of(saga->state), asked,
                  [this, lane, id, asked, done](Result<void> gone) {
                    if (!gone) return done(gone.error());
                    ask_saga(lane, id, asked, done);
                  });
  });
}

void Engine::deliver_event(std::size_t lane, EventToDeliver event, Done<Reached> done) {
  SagaRouter(*inside_, lane).deliver(std::move(event), std::move(done));
}

void Engine::decide_task(std::size_t lane, TaskName task, core::Input word, Done<Snapshot> done) {
  const std::size_t owner = inside_->owner_of(task.saga.partition(), lane);
  inside_->on_lane(lane, owner,
                   [this, owner, task = std::move(task), word = std::move(word),
                    done = inside_->back_to(lane, owner, std::move(done))] {
                     inside_->at(owner).lane().word_of_worker(task, word, done);
                   });
}

void Engine::heartbeat_task(std::size_t lane, TaskName task, Duration lease, Done<Timestamp> done) {
  const std::size_t owner = inside_->owner_of(task.saga.partition(), lane);
  inside_->on_lane(
      lane, owner,
      [this, owner, task = std::move(task), lease, done = inside_->back_to(lane, owner, std::move(done))] {
        done(inside_->at(owner).lane().heartbeat(task, lease));
      });
}

}  // namespace skald::runtime
