// LanesWorld: an engine of several lanes whose loops the test turns itself, one step at a time, on its own
// thread; the log is in memory. What it shows does not hang on which thread was quicker.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/runtime/engine.hpp"
#include "eventstore/memory.hpp"

namespace skald::test {

struct LanesSettings {
  unsigned lanes = 2;
  std::size_t max_active_sagas = 10'000;  // per lane
};

class LanesWorld {
 public:
  using Settings = LanesSettings;

  explicit LanesWorld(std::vector<std::string> definitions, Settings settings = {});
  ~LanesWorld();

  // The node is gone, with all that it had not appended; another one of its name takes the log up.
  void restart();

  // Turns these lanes until none of them has anything to do.
  void turn(std::initializer_list<std::size_t> lanes);
  void turn_all();
  // Turns all lanes until it is so; false where that takes ten seconds. For what hangs on a timer.
  bool turn_until(const std::function<bool()>& it_is_so);

  // Asks, turns all lanes and gives the answer. ask(done).
  template <class T>
  Result<T> answer(const std::function<void(runtime::Done<T>)>& ask) {
    std::optional<Result<T>> given;
    ask([&](Result<T> result) { given = std::move(result); });
    turn_all();
    if (!given) throw std::runtime_error("there was no answer");
    return std::move(*given);
  }

  // Starts a saga by a request to that lane; it is durable.
  SagaId start(const std::string& definition, Json input, std::size_t lane = 0);
  runtime::Snapshot saga(SagaId id);
  std::string status(SagaId id) { return core::status_of(saga(id).state); }
  Result<runtime::Snapshot> ask(SagaId id, core::Input input);
  // Types of its events.
  std::vector<std::string> story(SagaId id) const;
  std::vector<SagaId> of_definition(const std::string& name) const;

  runtime::Engine& engine() { return *engine_; }
  store::MemoryStore store;

 private:
  void open();

  std::vector<std::string> definitions_;
  Settings settings_;
  runtime::Engine::Inside* inside_ = nullptr;
  std::unique_ptr<runtime::Engine> engine_;
};

}  // namespace skald::test
