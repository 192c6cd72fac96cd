#include "tests/runtime/lanes_world.hpp"

#include <doctest/doctest.h>

#include "engine/runtime/inside.hpp"
#include "sagas/definition_loader.hpp"

namespace skald::test {

LanesWorld::LanesWorld(std::vector<std::string> definitions, Settings settings)
    : store([] { return system_now(); }), definitions_(std::move(definitions)), settings_(settings) {
  open();
}

LanesWorld::~LanesWorld() {
  inside_->stopping = true;  // no thread is there to end
}

void LanesWorld::restart() {
  inside_->stopping = true;
  engine_.reset();
  open();
}

void LanesWorld::open() {
  runtime::EngineConfig config;
  config.lanes = settings_.lanes;
  config.max_active_sagas = settings_.max_active_sagas;
  auto inside = std::make_unique<runtime::Engine::Inside>(config);
  inside_ = inside.get();
  auto catalog = std::make_shared<sagas::Catalog>();
  for (const std::string& text : definitions_) {
    auto loaded = sagas::load_definition(text, "test.saga.yaml", nullptr);
    for (const auto& fault : loaded.faults)
      if (!fault.warning) FAIL(sagas::to_text(fault));
    REQUIRE(loaded.definition);
    loaded.definition->version = 1;
    catalog->add(std::move(*loaded.definition), text, system_now());
  }
  inside->catalog = std::move(catalog);
  for (unsigned lane = 0; lane < settings_.lanes; ++lane)
    inside->add_lane([this](boost::asio::io_context& io, store::LaneName name) {
      return std::make_unique<store::MemoryLog>(store, std::move(name), [&io](std::function<void()> act) {
        boost::asio::post(io, std::move(act));
      });
    });
  engine_ = std::make_unique<runtime::Engine>(std::move(inside));
  for (auto& lane : inside_->lanes) lane->lane().open();
  turn_all();
}

void LanesWorld::turn(std::initializer_list<std::size_t> lanes) {
  std::size_t done = 1;
  while (done > 0) {
    done = 0;
    for (const std::size_t lane : lanes) done += engine_->io(lane).poll();
  }
}

void LanesWorld::turn_all() {
  std::size_t done = 1;
  while (done > 0) {
    done = 0;
    for (std::size_t lane = 0; lane < engine_->lane_count(); ++lane) done += engine_->io(lane).poll();
  }
}

bool LanesWorld::turn_until(const std::function<bool()>& it_is_so) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!it_is_so()) {
    if (std::chrono::steady_clock::now() > end) return false;
    engine_->io(0).run_one_for(std::chrono::milliseconds(5));
    turn_all();
  }
  return true;
}

SagaId LanesWorld::start(const std::string& definition, Json input, std::size_t lane) {
  const auto started = answer<runtime::StartOutcome>([&](auto done) {
    runtime::StartRequest request;
    request.definition = definition;
    request.input = std::move(input);
    engine_->start_saga(lane, std::move(request), done);
  });
  return std::get<runtime::Started>(started.value()).saga.state.id;
}

runtime::Snapshot LanesWorld::saga(SagaId id) {
  return answer<runtime::Snapshot>([&](auto done) { engine_->find_saga(0, id, done); }).value();
}

Result<runtime::Snapshot> LanesWorld::ask(SagaId id, core::Input input) {
  return answer<runtime::Snapshot>([&](auto done) { engine_->ask_saga(0, id, std::move(input), done); });
}

std::vector<std::string> LanesWorld::story(SagaId id) const {
  std::vector<std::string> types;
  for (const auto& event : store.read_saga(id, 0, 10'000)) types.push_back(event.type);
  return types;
}

std::vector<SagaId> LanesWorld::of_definition(const std::string& name) const {
  std::vector<SagaId> ids;
  store::SagaFilter filter;
  filter.definition = name;
  filter.limit = 1'000;
  for (const auto& row : store.list_sagas(filter)) ids.push_back(row.id);
  return ids;
}

}  // namespace skald::test
