// SagaRouter: one lane's way to all sagas (other_sagas.hpp). A request goes to the lane that
// owns the saga, and its answer comes back to the lane that asked.
#pragma once

#include <memory>

#include "engine/runtime/other_sagas.hpp"
#include "engine/runtime/owners.hpp"

namespace skald::runtime {

class SagaRouter final : public OtherSagas {
 public:
  explicit SagaRouter(std::unique_ptr<Owners> owners) : owners_(std::move(owners)) {}

  void run(ChildToRun child, Done<ChildEnd> done) override;
  void undo(SagaId child, std::string reason, Done<ChildEnd> done) override;
  void deliver(EventToDeliver event, Done<Reached> done) override;

 private:
  void await_end(SagaId child, Done<ChildEnd> done);

  std::unique_ptr<Owners> owners_;
};

}  // namespace skald::runtime
