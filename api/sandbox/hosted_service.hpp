// One stand-in service with its port and a thread of its own: translates HTTP to what the service
// understands, and waits where a fault wants latency. Services do not wait for each other, and requests that
// come while one commit is under way share the next.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "api/http/server.hpp"
#include "sagas/sandbox/service.hpp"

namespace skald::api {

class HostedService {
 public:
  explicit HostedService(sandbox::Service service);
  ~HostedService();  // stops
  HostedService(const HostedService&) = delete;
  HostedService& operator=(const HostedService&) = delete;

  // Gives the port, and answers from here on. Once.
  Result<std::uint16_t> listen(const std::string& address, std::uint16_t port);
  // Closes the port at once; requests that wait have no effect any more.
  void stop();

 private:
  struct Waiting {
    sandbox::Asked asked;
    Responder respond;
  };

  void take(sandbox::Request request, Responder respond);
  void wait_for_commit(sandbox::Asked asked, Responder respond);
  void answer_waiting();
  void after(Duration latency, std::function<void()> then);

  boost::asio::io_context io_{1};
  sandbox::Service service_;
  HttpServer server_;
  std::vector<Waiting> waiting_;  // bounded by the connections of the server
  std::thread thread_;
};

}  // namespace skald::api
