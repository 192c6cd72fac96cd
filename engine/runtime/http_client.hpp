// The keep-alive HTTP/1.1 client of one service: a bounded pool of connections (the bulkhead) with a bounded
// queue before it. Every request ends in exactly one outcome, which tells for certain whether a byte of it
// left. Redirects are answers like any other. Lives on one io_context, used from its thread only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>

#include "engine/base/time.hpp"
#include "engine/runtime/http_base_url.hpp"
#include "engine/runtime/http_message.hpp"

namespace skald::runtime {

struct HttpClientLimits {
  std::size_t connections = 64;         // as many requests are under way at once
  std::size_t queue = 1024;             // as many wait for one of these
  std::size_t answer_bytes = 1u << 20;  // body of an answer, without its chunk framing
  std::size_t head_bytes = 16u << 10;   // status line and header of an answer
  Duration connect_timeout{1'000'000};  // for each address of the host
  Duration keep_idle{4'000'000};        // below the 5 s after which common servers close an idle connection
  Duration resolve_again{30'000'000};   // a host's addresses are asked for again after this
};

class HttpPool;

class HttpClient {
 public:
  HttpClient(boost::asio::io_context& io, BaseUrl service, HttpClientLimits limits = {});
  // Outcomes that are still due are dropped: call shut_down() first where they matter.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // `on_outcome` is called once, never from within send(); it may call send() again, but not destroy the
  // client. The timeout counts from now on, waiting in the queue included. A full queue is Unreachable.
  void send(HttpRequest request, Duration timeout, HttpCallback on_outcome);

  // Ends every request with a failure (Unreachable or ConnectionLost); later ones are Unreachable.
  void shut_down();

  std::size_t in_flight() const;    // requests that hold a connection
  std::size_t queued() const;       // requests that wait for one
  std::size_t connections() const;  // open or opening, idle ones too

 private:
  std::unique_ptr<HttpPool> pool_;
};

}  // namespace skald::runtime
