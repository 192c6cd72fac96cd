// Clients: they start sagas, repeat a start that nobody answered, use one key twice, cancel at any moment,
// and keep the history of what they were told. What they were told is what the checks hold the engine to.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/start_answer.hpp"
#include "tests/simulation/node.hpp"

namespace skald::simulation {

struct ToldStart {
  std::string definition;
  Json input;
  std::optional<std::string> key;
  int tries = 0;
  std::optional<SagaId> saga;               // as it was acknowledged
  std::optional<core::StartAnswer> answer;  // what the caller was told with answerAfter
};

struct ToldCancel {
  SagaId saga;
  bool accepted = false;
  bool refused = false;  // as a conflict; neither: no definite answer
};

class Clients {
 public:
  // How a request finds a living lane: any, or the owner of a partition. Null where there is none.
  struct Routes {
    std::function<LaneOfNode*()> any;
    std::function<LaneOfNode*(Partition)> owner;
  };
  Clients(House& house, std::vector<std::string> definitions, Routes routes);

  void start();
  void cancel();
  const std::vector<std::shared_ptr<ToldStart>>& starts() const { return starts_; }
  const std::vector<std::shared_ptr<ToldCancel>>& cancels() const { return cancels_; }
  std::size_t acknowledged() const;

 private:
  using Told = std::shared_ptr<ToldStart>;
  void send(const Told& start);
  void begin(LaneOfNode& at, const Told& start);
  void acknowledge(const Told& start, SagaId saga);
  void try_again_later(const Told& start);

  House& house_;
  std::vector<std::string> definitions_;
  Routes routes_;
  std::vector<Told> starts_;
  std::vector<std::shared_ptr<ToldCancel>> cancels_;
};

}  // namespace skald::simulation
