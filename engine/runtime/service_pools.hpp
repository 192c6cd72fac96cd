// ServicePools: the registered services of one lane, each with its own HTTP client and bulkhead. A service
// whose registration changes gets a new client; calls under way on the old one fail, and are tried again as
// any other.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/http_client.hpp"
#include "engine/runtime/metrics.hpp"
#include "engine/runtime/service_caller.hpp"
#include "engine/runtime/service_gate.hpp"
#include "sagas/services.hpp"

namespace skald::runtime {

class ServicePools final : public ServiceCaller {
 public:
  // `secrets` is the value of .secrets for the headers of the registration.
  ServicePools(boost::asio::io_context& io,
               std::function<std::shared_ptr<const sagas::ServiceRegistry>()> registry, ServiceGates& gates,
               std::function<Timestamp()> now, Json secrets, Metrics& metrics);

  std::optional<GateClosed> call(OutgoingCall call, std::function<void(CallResult)> done) override;

 private:
  struct Pool {
    BaseUrl url;
    std::string registered_url;
    std::size_t connections = 0;
    std::unique_ptr<HttpClient> client;
    ServiceLimits limits;
    std::shared_ptr<ServiceGate> gate;  // shared with the other lanes; null: the service has no limits
  };
  Result<Pool*> pool(const sagas::Service& service);

  boost::asio::io_context& io_;
  std::function<std::shared_ptr<const sagas::ServiceRegistry>()> registry_;
  ServiceGates& gates_;
  std::function<Timestamp()> now_;
  Json secrets_;
  Metrics& metrics_;
  std::map<std::string, Pool> pools_;
};

}  // namespace skald::runtime
