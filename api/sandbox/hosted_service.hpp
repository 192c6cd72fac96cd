// One stand-in service with its port: translates HTTP to what the service understands, and waits where a
// fault wants latency. A delayed answer holds it alive.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "api/http/server.hpp"
#include "sagas/sandbox/service.hpp"

namespace skald::api {

class HostedService : public std::enable_shared_from_this<HostedService> {
 public:
  HostedService(boost::asio::io_context& io, sandbox::Service service);

  Result<std::uint16_t> listen(const std::string& address, std::uint16_t port);
  // Closes the port at once; requests that wait for their latency are dropped, and have no effect any more.
  void stop();

 private:
  void take(const sandbox::Request& request, const Responder& respond);
  Response answer(const sandbox::Request& request, const std::optional<sandbox::Fault>& fault);
  void after(Duration latency, std::function<void()> then);

  boost::asio::io_context& io_;
  sandbox::Service service_;
  HttpServer server_;
  bool is_stopped_ = false;
};

}  // namespace skald::api
