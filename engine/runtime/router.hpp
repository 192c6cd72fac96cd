// SagaRouter: one lane's way to all sagas of the engine (other_sagas.hpp). A request goes to the lane that
// owns the saga, and its answer comes back to the lane that asked.
#pragma once

#include <memory>

#include "engine/runtime/engine.hpp"
#include "engine/runtime/other_sagas.hpp"

namespace skald::runtime {

class SagaRouter final : public OtherSagas {
 public:
  SagaRouter(Engine::Inside& inside, std::size_t home) : inside_(inside), home_(home) {}

  void run(ChildToRun child, Done<ChildEnd> done) override;
  void undo(SagaId child, std::string reason, Done<ChildEnd> done) override;
  void deliver(EventToDeliver event, Done<Reached> done) override;

 private:
  void await_end(SagaId child, Done<ChildEnd> done);

  Engine::Inside& inside_;
  std::size_t home_;
};

}  // namespace skald::runtime
