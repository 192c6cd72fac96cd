// The HTTP/1.1 front end on which API, console and stand-in services stand. Plain framing only: whatever two
// parsers could understand differently is refused, before any handler sees it. Every limit is answered with a
// problem, never with a crash. One server lives on one io_context and is used from its thread only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "api/http/message.hpp"
#include "engine/base/error.hpp"
#include "engine/base/time.hpp"

namespace skald::api {

struct ServerLimits {
  std::size_t connections = 10'000;    // above: 503 with Retry-After
  std::size_t head_bytes = 16u << 10;  // request line and header; above: 431
  std::size_t body_bytes = 1u << 20;   // above: 413
  Duration head_time{5'000'000};    // from the first byte of a request to the end of its header; above: 408
  Duration body_time{30'000'000};   // for the body; above: 408
  Duration idle_time{60'000'000};   // between two requests; above: closed
  Duration write_time{30'000'000};  // for a client to take its answer; above: closed
  Duration linger_time{2'000'000};  // how long a client that is being refused may go on sending
  Duration sweep_every{250'000};    // how often the times above are looked at
};

// Lanes that share one port each have a socket of their own, and the kernel spreads the connections. The
// first one takes the port alone and then lets the others join: so no second program shares it unnoticed.
enum class PortUse { Alone, FirstOfLanes, OtherLane };

class HttpServer {
 public:
  HttpServer(boost::asio::io_context& io, ServerLimits limits, Handler handler);
  ~HttpServer();  // closes
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Port 0 takes any free one. Gives the port. Fails when the address is none, taken, or not ours.
  Result<std::uint16_t> listen(const std::string& address, std::uint16_t port, PortUse use = PortUse::Alone);

  // Whether that address and port could be listened on now.
  static Result<void> can_listen(const std::string& address, std::uint16_t port);

  // No new connections; those that are open get the answer to their next request with "Connection: close".
  void stop_accepting();
  // Closes everything at once. What handlers answer from here on is dropped.
  void close();

  std::size_t open_connections() const;
  std::size_t requests_in_progress() const;  // handed over and not yet answered

 private:
  class Listener;
  std::shared_ptr<Listener> listener_;  // shared with the operations that are under way
};

}  // namespace skald::api
