#include "tests/runtime/world.hpp"

#include <doctest/doctest.h>

#include "engine/core/start_answer.hpp"
#include "sagas/definition_loader.hpp"

namespace skald::test {

std::string FakeServices::Call::header(const std::string& name) const {
  for (const auto& [key, value] : request.headers)
    if (key == name) return value;
  return {};
}

std::optional<runtime::GateClosed> FakeServices::call(runtime::OutgoingCall request,
                                                      std::function<void(runtime::CallResult)> done) {
  if (gate)
    if (const auto closed = gate(request.service)) return closed;
  auto result = script ? script(request) : std::nullopt;
  if (result) post([done, result = *result] { done(result); });
  calls.push_back({std::move(request), result ? nullptr : std::move(done)});
  return std::nullopt;
}

std::vector<std::string> FakeServices::targets() const {
  std::vector<std::string> targets;
  for (const Call& call : calls) targets.push_back(call.request.method + " " + call.request.target);
  return targets;
}

Node::Node(World& world, std::string name) {
  const auto post = [&world](std::function<void()> act) { world.posted.push_back(std::move(act)); };
  log = std::make_unique<GatedLog>(world.store, store::LaneName{std::move(name), 0, 1}, post);
  lane = std::make_unique<runtime::Lane>(runtime::LaneParts{
      .log = *log,
      .timers = timers,
      .services = world.services,
      .others = world.others,
      .metrics = world.metrics,
      .post = post,
      .catalog = [&world] { return world.catalog; },
      .ownership_changed = [](Partition, bool) {},
      .appended = [&world](views::CommittedEvents events) { world.appended(std::move(events)); },
      .secrets = {},
      .max_active_sagas = 1'000,
      .random = Random(11),
  });
  lane->open();
}

World::World(std::string definition_yaml) : store([this] { return now; }) {
  services.post = [this](std::function<void()> act) { posted.push_back(std::move(act)); };
  put(definition_yaml, 1);
}

void World::put(const std::string& definition_yaml, std::int32_t version) {
  auto loaded = sagas::load_definition(definition_yaml, "test.saga.yaml", nullptr);
  for (const auto& fault : loaded.faults)
    if (!fault.warning) FAIL(sagas::to_text(fault));
  REQUIRE(loaded.definition);
  loaded.definition->version = version;
  const std::string name = loaded.definition->name;
  catalog->add(std::move(*loaded.definition), definition_yaml, now);
  entry = *catalog->newest(name);
}

void World::run() {
  while (!posted.empty()) {
    const auto act = std::move(posted.front());
    posted.pop_front();
    act();
  }
}

void World::pass(Duration span) {
  const Timestamp end = now + span;
  run();
  while (true) {
    Timestamp next = end;
    for (const auto& node : nodes)
      if (const auto due = node->timers.next_due()) next = std::min(next, *due);
    if (next >= end) break;
    now = std::max(now, next);
    for (const auto& node : nodes) node->timers.run_due(now);
    run();
  }
  now = end;
  for (const auto& node : nodes) node->timers.run_due(now);
  run();
}

Node& World::start_node(const std::string& name) {
  nodes.push_back(std::make_unique<Node>(*this, name));
  run();
  return *nodes.back();
}

void World::kill(Node& node) {
  posted.clear();
  std::erase_if(nodes, [&](const auto& one) { return one.get() == &node; });
  for (auto& call : services.calls) call.answer = nullptr;
}

std::shared_ptr<World::Pending> World::begin(Node& node, Json input, std::optional<Duration> patience,
                                             std::optional<std::string> key) {
  auto pending = std::make_shared<Pending>();
  pending->id = new_saga_id(now, *node.lane->next_partition(), random);
  core::StartRequested start;
  start.input = std::move(input);
  start.business_key = to_text(pending->id);
  start.start_key = std::move(key);
  runtime::Lane::Begin begin{.id = pending->id,
                             .entry = entry,
                             .start = std::move(start),
                             .patience = patience,
                             .satisfied = [](const core::Definition& definition, const core::State& state) {
                               return state.phase == core::Phase::Ended ||
                                      (definition.answer_after && core::start_answer(definition, state));
                             }};
  node.lane->begin(std::move(begin), [pending](Result<runtime::Lane::BeginOutcome> outcome) {
    pending->outcome = std::move(outcome);
  });
  return pending;
}

std::vector<std::string> World::story(SagaId id) const {
  std::vector<std::string> types;
  for (const auto& event : store.read_saga(id, 0, 1'000)) types.push_back(event.type);
  return types;
}

runtime::Snapshot World::snapshot(Node& node, SagaId id) {
  std::optional<runtime::Snapshot> found;
  node.lane->find(id, [&](Result<runtime::Snapshot> snapshot) { found = snapshot.value(); });
  run();
  REQUIRE(found);
  return *found;
}

runtime::CallResult answer(int status, std::string body) {
  return core::Answer{status, {{"Content-Type", "application/json"}}, std::move(body)};
}

runtime::CallResult fault(core::CallFailure failure) {
  return runtime::CallFault{failure, "made by the test"};
}

}  // namespace skald::test
