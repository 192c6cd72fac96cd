#include "engine/runtime/engine.hpp"

#include <future>

#include "engine/base/log.hpp"
#include "engine/runtime/lanes_of_engine.hpp"
#include "engine/runtime/router.hpp"
#include "eventstore/pg/pg_log.hpp"

namespace skald::runtime {

Engine::Engine(EngineConfig config) : inside_(std::make_unique<Inside>(std::move(config))) {}

Engine::~Engine() {
  stop();
}

Engine::Engine(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

void Engine::Inside::add_lane(const MakeLog& make_log) {
  const std::size_t lane = lanes.size();
  const store::LaneName name{config.node, static_cast<std::int32_t>(lane),
                             static_cast<std::int32_t>(config.lanes)};
  lanes.push_back(std::make_unique<LaneThread>(LaneThread::Shared{
      .make_log = [&](boost::asio::io_context& io) { return make_log(io, name); },
      .catalog = [this] { return catalog.load(); },
      .refresh_catalog = [this,
                          lane](std::function<void()> done) { refresh_definitions(lane, std::move(done)); },
      .registry = [this] { return services.load(); },
      .others = std::make_unique<SagaRouter>(std::make_unique<LanesOfEngine>(*this, lane)),
      .gates = gates,
      .ownership_changed =
          [this, lane](Partition partition, bool owned) {
            owner[partition.number] = owned ? static_cast<int>(lane) : kNoLane;
            owned_partitions += owned ? 1 : -1;
            if (!views.empty()) views_of(partition).own(partition, owned);
          },
      .appended =
          [this](views::CommittedEvents events) {
            if (!views.empty()) views_of(events.last.partition).take(std::move(events));
          },
      .secrets = config.secrets,
      .metrics = metrics,
      .max_active_sagas = config.max_active_sagas,
  }));
}

Result<void> Engine::start(std::shared_ptr<const sagas::ServiceRegistry> services) {
  set_services(std::move(services));
  inside_->start_views();
  for (unsigned lane = 0; lane < inside_->config.lanes; ++lane)
    inside_->add_lane([this](boost::asio::io_context& io, store::LaneName name) {
      return std::make_unique<store::PgLog>(io, inside_->config.database_url, std::move(name));
    });
  for (auto& lane : inside_->lanes) lane->run();
  if (const auto loaded = inside_->load_definitions(); !loaded) return loaded;
  inside_->keep_definitions_fresh();
  for (auto& views : inside_->views) views->run();
  inside_->put_builtin_views();
  for (auto& lane : inside_->lanes) boost::asio::post(lane->io(), [&lane = lane->lane()] { lane.open(); });
  return {};
}

void Engine::stop() {
  if (inside_->stopping.exchange(true)) return;
  std::vector<std::future<void>> drained;
  for (auto& lane : inside_->lanes) {
    auto done = std::make_shared<std::promise<void>>();
    drained.push_back(done->get_future());
    boost::asio::post(lane->io(), [this, &lane = *lane, done] {
      lane.lane().drain(lane.log().now() + inside_->config.drain, [done] { done->set_value(); });
    });
  }
  // The log's own end is bounded too: a database that is away must not keep a process from ending.
  const auto until = std::chrono::steady_clock::now() + inside_->config.drain + std::chrono::seconds(5);
  for (auto& one : drained)
    if (one.wait_until(until) == std::future_status::timeout)
      log::warn("stopped without handing all partitions back");
  for (auto& lane : inside_->lanes) lane->stop();
  for (auto& views : inside_->views) views->stop();
}

std::size_t Engine::lane_count() const {
  return inside_->lanes.size();
}
boost::asio::io_context& Engine::io(std::size_t lane) {
  return inside_->at(lane).io();
}
std::shared_ptr<const sagas::Catalog> Engine::catalog() const {
  return inside_->catalog.load();
}
std::shared_ptr<const sagas::ServiceRegistry> Engine::services() const {
  return inside_->services.load();
}
void Engine::set_services(std::shared_ptr<const sagas::ServiceRegistry> services) {
  inside_->services.store(std::move(services));
}
Metrics& Engine::metrics() {
  return inside_->metrics;
}

Readiness Engine::readiness() const {
  Readiness readiness;
  if (inside_->stopping) readiness.missing.push_back("this node is stopping");
  for (const auto& lane : inside_->lanes)
    if (!lane->log().healthy())
      readiness.missing.push_back("the database has not answered for more than a second");
  if (inside_->owned_partitions == 0)
    readiness.missing.push_back(
        "this node owns no partition: another node has them, or the database is away");
  readiness.ready = readiness.missing.empty();
  return readiness;
}

void Engine::find_saga(std::size_t lane, SagaId id, Done<Snapshot> done) {
  inside_->on_owner(lane, id.partition(), std::move(done),
                    [id](Lane& owner, const Done<Snapshot>& done) { owner.find(id, done); });
}

void Engine::await_change(std::size_t lane, SagaId id, std::int32_t known, Duration patience,
                          Done<Snapshot> done) {
  const auto changed = [known](const core::Definition&, const core::State& state) {
    return state.version > known;
  };
  inside_->on_owner(lane, id.partition(), std::move(done),
                    [id, patience, changed](Lane& owner, const Done<Snapshot>& done) {
                      owner.await(id, changed, patience, done);
                    });
}

void Engine::read_events(std::size_t lane, SagaId id, std::int32_t after, std::size_t limit,
                         Done<std::vector<store::StoredEvent>> done) {
  inside_->at(lane).log().read_saga(id, after, limit, std::move(done));
}

void Engine::list_sagas(std::size_t lane, store::SagaFilter filter, Done<std::vector<store::SagaRow>> done) {
  inside_->at(lane).log().list_sagas(std::move(filter), std::move(done));
}

}  // namespace skald::runtime
