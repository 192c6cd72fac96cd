// Other sagas that answer what the test says, and remember when they were asked.
#pragma once

#include <functional>
#include <vector>

#include "engine/runtime/other_sagas.hpp"
#include "tests/runtime/no_other_sagas.hpp"

namespace skald::test {

class ScriptedOthers final : public NoOtherSagas {
 public:
  std::function<Result<runtime::Reached>(const runtime::EventToDeliver&)> on_deliver;
  std::function<Result<runtime::ChildEnd>(const runtime::ChildToRun&)> on_run;

  void run(runtime::ChildToRun child, runtime::Done<runtime::ChildEnd> done) override {
    if (!on_run) return NoOtherSagas::run(std::move(child), std::move(done));
    done(on_run(child));
  }
  void deliver(runtime::EventToDeliver event, runtime::Done<runtime::Reached> done) override {
    if (!on_deliver) return NoOtherSagas::deliver(std::move(event), std::move(done));
    done(on_deliver(event));
  }
};

}  // namespace skald::test
