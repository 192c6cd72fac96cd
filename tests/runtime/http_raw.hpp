// The other side of an HTTP connection, byte by byte, for tests of client and front end: it says exactly what
// it is told and shows exactly what it got. Everything runs on the test's own thread and io_context;
// run_until() waits for a condition and never for a time.
#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace skald::tests {

using boost::asio::ip::tcp;

// False when the condition did not come about; the limit only bounds a failing test.
template <class Condition>
bool run_until(boost::asio::io_context& io, Condition condition) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  io.restart();
  while (!condition()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    io.run_one_for(std::chrono::milliseconds(5));
    if (io.stopped()) io.restart();
  }
  return true;
}

// Lets everything that is ready happen.
inline void settle(boost::asio::io_context& io) {
  io.restart();
  while (io.poll() > 0) io.restart();
}

class RawPeer : public std::enable_shared_from_this<RawPeer> {
 public:
  explicit RawPeer(tcp::socket socket) : socket_(std::move(socket)) {}

  std::string received;
  std::size_t bytes_sent = 0;
  std::size_t answered = 0;  // heads, by answer_heads_with() or the test itself
  bool ended = false;        // by the other side
  bool was_reset = false;    // and not in order: what it had sent before may have been lost
  std::function<void(RawPeer&)> on_bytes = [](RawPeer&) {};

  void read() {
    socket_.async_read_some(
        boost::asio::buffer(buffer_),
        [self = shared_from_this()](const boost::system::error_code& failure, std::size_t count) {
          self->received.append(self->buffer_.data(), count);
          if (failure) {
            self->was_reset = failure != boost::asio::error::eof;
            self->ended = true;
            return;
          }
          self->on_bytes(*self);
          self->read();
        });
  }

  // Sends, bit by bit if it must be; what the other side does not take any more is lost.
  void send(std::string text) {
    unsent_ += text;
    if (!std::exchange(is_sending_, true)) send_more();
  }
  // Sends the text again and again until the other side closes.
  void send_endlessly(std::string text) {
    endless_ = std::move(text);
    send(endless_);
  }

  void half_close_when_sent() { half_closes_when_sent_ = true; }
  void half_close() {
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }
  void close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  tcp::socket& socket() { return socket_; }

  // How many heads have come in whole.
  std::size_t heads() const {
    std::size_t count = 0;
    for (auto at = received.find("\r\n\r\n"); at != std::string::npos; at = received.find("\r\n\r\n", at + 4))
      ++count;
    return count;
  }
  bool has(std::string_view text) const { return received.find(text) != std::string::npos; }

 private:
  void send_more() {
    socket_.async_write_some(
        boost::asio::buffer(unsent_),
        [self = shared_from_this()](const boost::system::error_code& failure, std::size_t count) {
          self->bytes_sent += count;
          self->unsent_.erase(0, count);
          if (failure) {
            self->ended = true;
            return;
          }
          if (self->unsent_.empty()) self->unsent_ = self->endless_;
          self->is_sending_ = !self->unsent_.empty();
          if (self->is_sending_) return self->send_more();
          if (self->half_closes_when_sent_) self->half_close();
        });
  }

  tcp::socket socket_;
  std::array<char, 16384> buffer_{};
  std::string unsent_;
  std::string endless_;
  bool is_sending_ = false;
  bool half_closes_when_sent_ = false;
};

// A server on loopback that follows a script instead of HTTP.
class RawServer {
 public:
  explicit RawServer(boost::asio::io_context& io, const char* address = "127.0.0.1")
      : acceptor_(io, tcp::endpoint(boost::asio::ip::make_address(address), 0)) {
    accept();
  }
  ~RawServer() {
    for (auto& peer : peers) peer->close();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::vector<std::shared_ptr<RawPeer>> peers;  // in the order they connected, closed ones too
  std::function<void(RawPeer&)> on_connected = [](RawPeer& peer) { peer.read(); };
  // Called with every read.
  std::function<void(RawPeer&)> on_bytes = [](RawPeer&) {};
  // Answers each request that has a head and no body.
  void answer_heads_with(std::string text) {
    on_bytes = [text](RawPeer& peer) {
      for (; peer.answered < peer.heads(); ++peer.answered) peer.send(text);
    };
  }

 private:
  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& failure, tcp::socket socket) {
      if (failure) return;
      peers.push_back(std::make_shared<RawPeer>(std::move(socket)));
      peers.back()->on_bytes = [this](RawPeer& peer) { on_bytes(peer); };
      on_connected(*peers.back());
      accept();
    });
  }

  tcp::acceptor acceptor_;
};

// Connects to a server on loopback; connecting there is done by the kernel and does not wait.
inline std::shared_ptr<RawPeer> connect_raw(boost::asio::io_context& io, std::uint16_t port) {
  tcp::socket socket(io);
  socket.connect({boost::asio::ip::make_address("127.0.0.1"), port});
  auto peer = std::make_shared<RawPeer>(std::move(socket));
  peer->read();
  return peer;
}

}  // namespace skald::tests
