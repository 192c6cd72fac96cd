#include "api/node.hpp"

#include <boost/asio/post.hpp>
#include <chrono>
#include <future>
#include <thread>

#include "api/descriptors.hpp"
#include "api/environment.hpp"
#include "api/http/backend.hpp"
#include "api/http/cors.hpp"
#include "api/http/router.hpp"
#include "api/http/server.hpp"
#include "engine/base/log.hpp"

namespace skald::api {
namespace {

// How long requests that are being answered may take once no new connection is taken. Waits of clients (long
// polls) are longer; they are cut.
constexpr auto kFarewell = std::chrono::milliseconds(500);

runtime::EngineConfig engine_config(const Config& config) {
  runtime::EngineConfig engine;
  engine.database_url = config.database_url;
  engine.node = config.node;
  engine.lanes = config.lanes;
  engine.max_active_sagas = config.max_active_sagas;
  engine.start_patience = config.start_patience;
  engine.drain = config.drain;
  engine.secrets = secrets_of_environment();
  return engine;
}

// The limits as far as the system lets this process keep them.
ServerLimits kept_limits(ServerLimits limits, std::size_t lanes) {
  const std::size_t granted = raise_descriptor_limit(limits.connections * lanes + kDescriptorsBeside);
  const std::size_t possible = connections_within(granted, lanes);
  if (possible >= limits.connections) return limits;
  log::warn(
      "the system allows this process {} open files: each lane takes at most {} connections instead of {} "
      "(raise the hard limit: ulimit -Hn, LimitNOFILE of systemd)",
      granted, possible, limits.connections);
  limits.connections = possible;
  return limits;
}

// Runs `act` on the thread of that io_context and gives what it gives.
template <class Act>
auto run_on(boost::asio::io_context& io, Act act) {
  using Given = decltype(act());
  std::promise<Given> promise;
  auto given = promise.get_future();
  boost::asio::post(io, [&promise, &act] {
    if constexpr (std::is_void_v<Given>) {
      act();
      promise.set_value();
    } else {
      promise.set_value(act());
    }
  });
  return given.get();
}

}  // namespace

struct Node::Front {
  Front(boost::asio::io_context& io, const Config& config, Backend backend)
      : router(make_router(backend)),
        server(io, config.limits, with_cors(config.cors_origins, [this](Request request, Responder respond) {
                 router.route(std::move(request), std::move(respond));
               })) {}
  Router router;
  HttpServer server;
};

Node::Node(const Config& config) : config_(config), engine_(engine_config(config)) {}

Node::~Node() {
  stop();
}

Result<void> Node::start(std::shared_ptr<const sagas::ServiceRegistry> services) {
  // Before the engine takes partitions: a second node on this port mostly has the same name, and would end
  // the first one's writers.
  if (const auto free = HttpServer::can_listen(config_.listen, config_.port); !free) return free;
  return engine_.start(std::move(services));
}

Result<void> Node::listen() {
  port_ = config_.port;
  config_.limits = kept_limits(config_.limits, engine_.lane_count());
  for (std::size_t lane = 0; lane < engine_.lane_count(); ++lane)
    if (const auto listening = listen_on(lane); !listening) return listening;
  if (config_.retain)
    retention_ = std::make_unique<RetentionThread>(
        RetentionThread::Settings{config_.database_url, *config_.retain, config_.retain_export,
                                  config_.retain_every},
        engine_.metrics().registry());
  return {};
}

Result<void> Node::listen_on(std::size_t lane) {
  auto& io = engine_.io(lane);
  const PortUse use = engine_.lane_count() == 1 ? PortUse::Alone
                      : lane == 0               ? PortUse::FirstOfLanes
                                                : PortUse::OtherLane;
  const auto port = run_on(io, [&] {
    fronts_.push_back(std::make_unique<Front>(io, config_, Backend{engine_, lane}));
    return fronts_.back()->server.listen(config_.listen, port_, use);
  });
  if (!port) return port.error();
  port_ = *port;  // the first lane may have chosen it
  return {};
}

void Node::stop() {
  retention_.reset();
  if (fronts_.empty()) return engine_.stop();
  const auto until = std::chrono::steady_clock::now() + kFarewell;
  std::size_t busy = 0;
  do {
    busy = 0;
    for (std::size_t lane = 0; lane < fronts_.size(); ++lane)
      busy += run_on(engine_.io(lane), [&server = fronts_[lane]->server] {
        server.stop_accepting();
        return server.requests_in_progress();
      });
    if (busy > 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  } while (busy > 0 && std::chrono::steady_clock::now() < until);
  engine_.stop();
  fronts_.clear();  // the lanes' threads have ended: this thread is the only one left that touches them
}

std::string Node::address() const {
  const bool ipv6 = config_.listen.find(':') != std::string::npos;
  return "http://" + (ipv6 ? "[" + config_.listen + "]" : config_.listen) + ":" + std::to_string(port_);
}

Result<runtime::DefinitionPut> Node::put_definition(const std::string& name, const std::string& source,
                                                    const std::string& file) {
  std::promise<Result<runtime::DefinitionPut>> answer;
  boost::asio::post(engine_.io(0), [&] {
    engine_.put_definition(0, name, source, file,
                           [&](Result<runtime::DefinitionPut> put) { answer.set_value(std::move(put)); });
  });
  return answer.get_future().get();
}

Result<runtime::ViewPut> Node::put_view(const std::string& name, const std::string& source,
                                        const std::string& file) {
  std::promise<Result<runtime::ViewPut>> answer;
  boost::asio::post(engine_.io(0), [&] {
    engine_.put_view(0, name, source, file,
                     [&](Result<runtime::ViewPut> put) { answer.set_value(std::move(put)); });
  });
  return answer.get_future().get();
}

void Node::set_services(std::shared_ptr<const sagas::ServiceRegistry> services) {
  engine_.set_services(std::move(services));
}

}  // namespace skald::api
