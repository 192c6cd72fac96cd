// What the registration of a service promises, on real connections: where calls go, how long they may take,
// how many leave at once, and what each carries.
#include "engine/runtime/service_pools.hpp"

#include <doctest/doctest.h>

#include "tests/runtime/http_raw.hpp"

using namespace skald;
using namespace skald::runtime;
using namespace skald::tests;
using namespace std::chrono_literals;

namespace {

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

struct PoolWorld {
  boost::asio::io_context io;
  RawServer server{io};
  Metrics metrics;
  ServiceGates gates{metrics};
  std::shared_ptr<const sagas::ServiceRegistry> registry;
  ServicePools pools{io,
                     [this] { return registry; },
                     gates,
                     [] { return system_now(); },
                     Json::object({{"TOKEN", "secret-7"}}),
                     metrics};

  // A services.yaml of the service `stock` on our server, with these lines more.
  void registered(const std::string& more) {
    const std::string text =
        "services:\n  stock:\n    url: http://127.0.0.1:" + std::to_string(server.port()) + "/base\n" + more;
    auto loaded = sagas::load_services(text, "services.yaml", {});
    for (const auto& fault : loaded.faults) FAIL(sagas::to_text(fault));
    registry = std::make_shared<const sagas::ServiceRegistry>(std::move(*loaded.registry));
  }
  struct Reply {
    std::optional<CallResult> result;
    std::optional<GateClosed> closed;
  };
  std::shared_ptr<Reply> call(std::optional<Duration> timeout = std::nullopt) {
    auto reply = std::make_shared<Reply>();
    reply->closed = pools.call(OutgoingCall{"stock", "GET", "/things", {}, {}, timeout, {}},
                               [reply](CallResult result) { reply->result = std::move(result); });
    return reply;
  }
  bool comes(const std::shared_ptr<Reply>& reply) {
    return run_until(io, [&] { return reply->result.has_value(); });
  }
  std::size_t requests() const {
    std::size_t heads = 0;
    for (const auto& peer : server.peers) heads += peer->heads();
    return heads;
  }
};

core::CallFailure failure_of(const PoolWorld::Reply& reply) {
  return std::get<CallFault>(*reply.result).failure;
}

}  // namespace

TEST_CASE("service pools: a call goes below the registered url and carries the registered headers") {
  PoolWorld world;
  world.server.answer_heads_with(kOk);
  world.registered("    headers: { Authorization: \"Bearer ${ .secrets.TOKEN }\" }\n");
  const auto reply = world.call();
  REQUIRE(world.comes(reply));
  CHECK(std::get<core::Answer>(*reply->result).status == 200);
  CHECK(world.server.peers[0]->has("GET /base/things HTTP/1.1\r\n"));
  CHECK(world.server.peers[0]->has("Authorization: Bearer secret-7\r\n"));
}

TEST_CASE("service pools: the service's timeout counts where the step names none") {
  PoolWorld world;
  world.registered("    timeout: 50ms\n");
  const auto short_one = world.call(), long_one = world.call(1h);
  REQUIRE(world.comes(short_one));
  CHECK(failure_of(*short_one) == core::CallFailure::TimedOut);
  settle(world.io);
  CHECK(!long_one->result);
}

TEST_CASE("service pools: no more calls leave at once than the service has connections") {
  PoolWorld world;
  world.registered("    connections: 2\n");
  const auto first = world.call(), second = world.call(), third = world.call();
  REQUIRE(run_until(world.io, [&] { return world.requests() == 2; }));
  settle(world.io);
  CHECK(world.requests() == 2);
  world.server.peers[0]->send(kOk);
  REQUIRE(run_until(world.io, [&] { return world.requests() == 3; }));
  CHECK(world.server.peers.size() == 2);
}

TEST_CASE("service pools: a rate limit keeps calls back, and what is registered anew counts at once") {
  PoolWorld world;
  world.server.answer_heads_with(kOk);
  world.registered("    rateLimit: 1/h\n");
  // One more than the limit is let in: it may have been late.
  for (int i = 0; i < 2; ++i) REQUIRE(world.comes(world.call()));
  const auto kept = world.call();
  REQUIRE(kept->closed);
  CHECK(!kept->closed->circuit);
  CHECK(kept->closed->until > system_now() + 50min);
  world.registered("");
  const auto free = world.call();
  CHECK(!free->closed);
  CHECK(world.comes(free));
  CHECK(world.requests() == 3);
}

TEST_CASE("service pools: a circuit opens with the failures, is shown, and keeps further calls") {
  PoolWorld world;
  world.server.answer_heads_with("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
  world.registered("    circuitBreaker: { failureRate: 1, window: 10s, minimumCalls: 2, openFor: 1h }\n");
  for (int i = 0; i < 2; ++i) REQUIRE(world.comes(world.call()));
  CHECK(world.metrics.circuit("stock").Value() == 2);
  const auto kept = world.call();
  REQUIRE(kept->closed);
  CHECK(kept->closed->circuit);
  CHECK(world.requests() == 2);
}
