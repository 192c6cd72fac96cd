// CuttingProxy: stands between a log and its database, as a Unix socket, and cuts the connection after so
// many bytes in one direction. On the loop of the test, so that what happens is decided by bytes and not by
// time.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace skald::store::testing {

class CuttingProxy {
  using Unix = boost::asio::local::stream_protocol;

 public:
  enum class Direction { ToServer, ToClient };
  struct Cut {
    Direction direction = Direction::ToServer;
    std::size_t after = 0;  // bytes that still pass
  };

  // `server` is the directory of the server's socket.
  CuttingProxy(boost::asio::io_context& io, const std::string& server)
      : io_(io),
        server_(server + "/.s.PGSQL.5432"),
        directory_(make_directory()),
        acceptor_(io, Unix::endpoint(directory_ + "/.s.PGSQL.5432")) {
    accept();
  }
  ~CuttingProxy() { std::filesystem::remove_all(directory_); }

  const std::string& directory() const { return directory_; }
  // The next bytes in that direction, on whatever connection, are counted; then that connection is cut, once.
  void arm(Cut cut) { cut_ = cut; }
  bool has_cut() const { return !cut_; }
  std::size_t passed(Direction direction) const { return passed_[direction == Direction::ToServer ? 0 : 1]; }

 private:
  struct Pair {
    explicit Pair(boost::asio::io_context& io) : client(io), server(io) {}
    void close() {
      boost::system::error_code none;
      client.close(none);
      server.close(none);
    }
    Unix::socket client, server;
    std::array<std::array<char, 4096>, 2> buffers{};
  };

  static std::string make_directory() {
    std::string name = "/tmp/skald-proxy-XXXXXX";
    if (!mkdtemp(name.data())) throw std::runtime_error("no directory for the proxy");
    return name;
  }
  void accept() {
    auto pair = std::make_shared<Pair>(io_);
    acceptor_.async_accept(pair->client, [this, pair](const boost::system::error_code& error) {
      if (error) return;
      pair->server.connect(Unix::endpoint(server_));
      pump(pair, Direction::ToServer);
      pump(pair, Direction::ToClient);
      accept();
    });
  }
  void pump(std::shared_ptr<Pair> pair, Direction direction) {
    const bool to_server = direction == Direction::ToServer;
    auto& from = to_server ? pair->client : pair->server;
    auto& to = to_server ? pair->server : pair->client;
    auto& buffer = pair->buffers[to_server ? 0 : 1];
    from.async_read_some(boost::asio::buffer(buffer),
                         [=, this, &to, &buffer](const boost::system::error_code& error, std::size_t size) {
                           if (error) return pair->close();
                           const bool cuts = cut_ && cut_->direction == direction && size >= cut_->after;
                           const auto pass = cuts ? cut_->after : size;
                           if (cut_ && cut_->direction == direction && !cuts) cut_->after -= size;
                           passed_[to_server ? 0 : 1] += pass;
                           boost::system::error_code failed;
                           boost::asio::write(to, boost::asio::buffer(buffer.data(), pass), failed);
                           if (cuts) cut_.reset();
                           if (cuts || failed) return pair->close();
                           pump(pair, direction);
                         });
  }

  boost::asio::io_context& io_;
  std::string server_, directory_;
  Unix::acceptor acceptor_;
  std::optional<Cut> cut_;
  std::array<std::size_t, 2> passed_{};
};

}  // namespace skald::store::testing
