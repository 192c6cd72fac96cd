// The addresses of one service's host: literal ones at once, names through the system's resolver, kept for a
// while. Link-local and metadata addresses are taken out: a registration or a name server that points there
// gets no call. Used by the HTTP client's connections.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/error.hpp"
#include "engine/base/time.hpp"

namespace skald::runtime {

using HttpEndpoints = std::vector<boost::asio::ip::tcp::endpoint>;

// 169.254.0.0/16, fe80::/10, and those where clouds hand out credentials; also when an IPv4 address hides in
// an IPv6 one.
bool is_forbidden_address(const boost::asio::ip::address& address);

class HttpResolver : public std::enable_shared_from_this<HttpResolver> {
 public:
  using Callback = std::function<void(Result<HttpEndpoints>)>;

  // Owned by a shared_ptr, because a look-up under way refers to it.
  HttpResolver(boost::asio::io_context& io, std::string host, std::uint16_t port, Duration keep);

  // At least one endpoint, or why there is none. Never called back from within.
  void resolve(Callback callback);
  // The addresses did not answer: the next one asks again.
  void forget() { known_until_ = {}; }

 private:
  using Clock = std::chrono::steady_clock;
  void look_up();
  Result<HttpEndpoints> allowed(HttpEndpoints found) const;

  boost::asio::ip::tcp::resolver resolver_;
  const std::string host_;
  const std::uint16_t port_;
  const Duration keep_;
  bool is_literal_ = false;
  HttpEndpoints known_;
  Clock::time_point known_until_{};
  std::vector<Callback> waiting_;  // for the one look-up under way, closed connections too until it ends
};

}  // namespace skald::runtime
