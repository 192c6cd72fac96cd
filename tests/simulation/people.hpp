// People: operators who pause, resume, retry, skip, undo and terminate sagas at any moment, and senders of
// signals and events. What they were told is held against the log.
#pragma once

#include <memory>
#include <vector>

#include "tests/simulation/clients.hpp"

namespace skald::simulation {

class People {
 public:
  People(House& house, Clients::Routes routes) : house_(house), routes_(std::move(routes)) {}

  // Something, to some saga.
  void operate();
  void signal();
  void send_event();
  // Once nothing goes wrong any more: paused sagas go on, events that are waited for come, and what is stuck
  // while its parent waits for it is given up.
  void help();
  void check_words() const;

 private:
  struct Asked {
    SagaId saga;
    core::Input input;
    bool accepted = false;
  };
  struct Sent {
    runtime::EventToDeliver event;
    int tries = 0;
  };
  void ask(SagaId saga, core::Input input);
  void send(const std::shared_ptr<Sent>& sent);
  void help(SagaId id, const core::State& state);
  std::optional<SagaId> some_saga();
  core::Input verb_for(const core::State& state);

  House& house_;
  Clients::Routes routes_;
  std::vector<std::shared_ptr<Asked>> asked_;
  std::size_t numbers_ = 0;  // of what was sent
};

}  // namespace skald::simulation
