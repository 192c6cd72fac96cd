// World: lanes on one thread with a clock that only the test moves, the log in memory, and services that
// answer what the test says. The lanes are the ones of production.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/lane.hpp"
#include "eventstore/memory.hpp"
#include "tests/runtime/gated_log.hpp"
#include "tests/runtime/scripted_others.hpp"

namespace skald::test {

class FakeServices final : public runtime::ServiceCaller {
 public:
  struct Call {
    runtime::OutgoingCall request;
    std::function<void(runtime::CallResult)> answer;  // for calls that the script leaves open
    std::string header(const std::string& name) const;
  };
  // What a call gets at once; nothing: it stays open until the test answers it.
  std::function<std::optional<runtime::CallResult>(const runtime::OutgoingCall&)> script;
  std::function<void(std::function<void()>)> post;
  std::vector<Call> calls;

  // Where this is set, it says whether a call may leave; a call that may is then sent.
  std::function<std::optional<runtime::GateClosed>(const std::string& service)> gate;

  std::optional<runtime::GateClosed> call(runtime::OutgoingCall request,
                                          std::function<void(runtime::CallResult)> done) override;
  // "POST /applications", … in order of sending.
  std::vector<std::string> targets() const;
};

// One node of one lane. It is killed by destroying it: what it had not appended is gone.
class Node {
 public:
  Node(class World& world, std::string name);

  std::unique_ptr<GatedLog> log;
  runtime::Timers timers;
  std::unique_ptr<runtime::Lane> lane;
};

class World {
 public:
  explicit World(std::string definition_yaml);

  // Lets everything happen that can happen without time passing.
  void run();
  // Moves the clock, stopping at every timer on the way.
  void pass(Duration span);

  Node& start_node(const std::string& name = "node");
  // Drops the node and everything that was on its way to it.
  void kill(Node& node);

  // One more version of a definition; it is the newest of its name from now on.
  void put(const std::string& definition_yaml, std::int32_t version);

  // Starts a saga on the node; the outcome is there after run() or pass().
  struct Pending {
    std::optional<Result<runtime::Lane::BeginOutcome>> outcome;
    SagaId id;
  };
  std::shared_ptr<Pending> begin(Node& node, Json input, std::optional<Duration> patience = std::nullopt,
                                 std::optional<std::string> key = std::nullopt);
  // Types of the saga's events as they stand in the log.
  std::vector<std::string> story(SagaId id) const;
  runtime::Snapshot snapshot(Node& node, SagaId id);

  Timestamp now{1'763'700'000'000'000};
  std::deque<std::function<void()>> posted;
  store::MemoryStore store;
  FakeServices services;
  ScriptedOthers others;
  // What the lanes of all nodes tell of what they appended and own; for views.
  std::function<void(views::CommittedEvents)> appended = [](views::CommittedEvents) {};
  runtime::Metrics metrics;
  sagas::CatalogEntry entry;
  std::shared_ptr<sagas::Catalog> catalog = std::make_shared<sagas::Catalog>();
  std::vector<std::unique_ptr<Node>> nodes;
  Random random{7};
};

runtime::CallResult answer(int status, std::string body = "{}");
runtime::CallResult fault(core::CallFailure failure);

}  // namespace skald::test
