// For tests whose sagas have no children and emit nothing: nobody may ask for any.
#pragma once

#include <stdexcept>

#include "engine/runtime/other_sagas.hpp"

namespace skald::test {

class NoOtherSagas : public runtime::OtherSagas {
 public:
  void run(runtime::ChildToRun, runtime::Done<runtime::ChildEnd>) override { unexpected(); }
  void undo(SagaId, std::string, runtime::Done<runtime::ChildEnd>) override { unexpected(); }
  void deliver(runtime::EventToDeliver, runtime::Done<runtime::Reached>) override { unexpected(); }

 private:
  [[noreturn]] static void unexpected() { throw std::logic_error("this world has no other sagas"); }
};

}  // namespace skald::test
