#include "api/http/server.hpp"

#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>
#include <vector>

#include "api/http/connection.hpp"
#include "api/http/problem.hpp"
#include "engine/base/log.hpp"

namespace skald::api {

using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

// So many connections beyond the limit are told why they are refused; those beyond them are just closed.
constexpr std::size_t kRefusedAtOnce = 64;

Response too_many_connections() {
  auto response =
      problem(503, "unavailable", "Too many connections", "The server has no room for another connection.");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

Result<tcp::endpoint> endpoint_of(const std::string& address, std::uint16_t port) {
  error_code failure;
  const auto parsed = boost::asio::ip::make_address(address, failure);
  if (failure) return invalid("cannot listen on \"" + address + "\": it is no IP address");
  return tcp::endpoint(parsed, port);
}

error_code share_port(tcp::acceptor& acceptor) {
  const int on = 1;
  if (::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0) return {};
  return {errno, boost::system::system_category()};
}

// Linux looks at SO_REUSEPORT of both sockets when the second one is bound (socket(7)): the first lane is
// bound without it, so it fails where anybody else listens, whether they share or not.
Result<void> take_port(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, PortUse use) {
  error_code failure;
  acceptor.open(endpoint.protocol(), failure);
  if (!failure) acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure && use == PortUse::OtherLane) failure = share_port(acceptor);
  if (!failure) acceptor.bind(endpoint, failure);
  if (!failure && use == PortUse::FirstOfLanes) failure = share_port(acceptor);
  if (!failure) return {};
  error_code ignored;
  acceptor.close(ignored);
  return unavailable("cannot listen on " + endpoint.address().to_string() + ", port " +
                     std::to_string(endpoint.port()) + ": " + failure.message());
}

}  // namespace

class HttpServer::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(boost::asio::io_context& io, ServerLimits limits, Handler handler)
      : acceptor_(io), sweep_timer_(io), state_(std::make_shared<ServerState>()) {
    state_->limits = limits;
    state_->handler = std::move(handler);
  }

  Result<std::uint16_t> listen(const std::string& address, std::uint16_t port, PortUse use);
  void stop_accepting();
  void close();
  const ServerState& state() const { return *state_; }

 private:
  void accept();
  void add(tcp::socket socket);
  void sweep_later();
  void sweep();

  tcp::acceptor acceptor_;
  boost::asio::steady_timer sweep_timer_;
  bool is_sweeping_ = false;          // the timer is set
  bool accepts_after_sweep_ = false;  // accepting failed, most likely for want of descriptors
  std::shared_ptr<ServerState> state_;
};

Result<std::uint16_t> HttpServer::Listener::listen(const std::string& address, std::uint16_t port,
                                                   PortUse use) {
  const auto endpoint = endpoint_of(address, port);
  if (!endpoint) return endpoint.error();
  if (const auto bound = take_port(acceptor_, *endpoint, use); !bound) return bound.error();
  error_code failure;
  acceptor_.listen(tcp::acceptor::max_listen_connections, failure);
  if (failure) return unavailable("cannot listen on port " + std::to_string(port) + ": " + failure.message());
  accept();
  return acceptor_.local_endpoint().port();
}

void HttpServer::Listener::accept() {
  acceptor_.async_accept([self = shared_from_this()](const error_code& failure, tcp::socket socket) {
    if (!self->acceptor_.is_open()) return;
    if (failure) {
      log::warn("http: cannot accept a connection: {}", failure.message());
      self->accepts_after_sweep_ = true;
      return self->sweep_later();
    }
    self->add(std::move(socket));
    self->accept();
  });
}

void HttpServer::Listener::add(tcp::socket socket) {
  error_code gone;
  const auto peer = socket.remote_endpoint(gone);
  const auto open = state_->open.size();
  if (gone || open >= state_->limits.connections + kRefusedAtOnce) return;  // closes the socket
  const auto connection = std::make_shared<Connection>(std::move(socket), peer.address().to_string(), state_);
  state_->open.emplace(connection.get(), connection);
  sweep_later();
  if (open >= state_->limits.connections) return connection->start_refused(too_many_connections());
  connection->start();
}

void HttpServer::Listener::sweep_later() {
  if (std::exchange(is_sweeping_, true)) return;
  sweep_timer_.expires_after(state_->limits.sweep_every);
  sweep_timer_.async_wait([weak = weak_from_this()](const error_code& failure) {
    const auto self = weak.lock();
    if (failure || !self) return;
    self->is_sweeping_ = false;
    self->sweep();
  });
}

// One look at all connections instead of a timer for each request: 10,000 of them take well under a
// millisecond.
void HttpServer::Listener::sweep() {
  const auto now = Connection::Clock::now();
  for (auto next = state_->open.begin(); next != state_->open.end();) {
    const auto connection = (next++)->second;  // it may leave the map while it is looked at
    connection->check_deadline(now);
  }
  if (std::exchange(accepts_after_sweep_, false) && acceptor_.is_open()) accept();
  if (!state_->open.empty()) sweep_later();
}

void HttpServer::Listener::stop_accepting() {
  state_->is_stopping = true;
  error_code ignored;
  acceptor_.close(ignored);
}

void HttpServer::Listener::close() {
  stop_accepting();
  sweep_timer_.cancel();
  while (!state_->open.empty()) {
    const auto connection = state_->open.begin()->second;
    connection->close();
  }
}

HttpServer::HttpServer(boost::asio::io_context& io, ServerLimits limits, Handler handler)
    : listener_(std::make_shared<Listener>(io, limits, std::move(handler))) {}

HttpServer::~HttpServer() {
  close();
}

Result<std::uint16_t> HttpServer::listen(const std::string& address, std::uint16_t port, PortUse use) {
  return listener_->listen(address, port, use);
}

Result<void> HttpServer::can_listen(const std::string& address, std::uint16_t port) {
  const auto endpoint = endpoint_of(address, port);
  if (!endpoint) return endpoint.error();
  boost::asio::io_context io;
  tcp::acceptor acceptor(io);
  return take_port(acceptor, *endpoint, PortUse::Alone);
}

void HttpServer::stop_accepting() {
  listener_->stop_accepting();
}
void HttpServer::close() {
  listener_->close();
}
std::size_t HttpServer::open_connections() const {
  return listener_->state().open.size();
}
std::size_t HttpServer::requests_in_progress() const {
  return listener_->state().in_progress;
}

}  // namespace skald::api
