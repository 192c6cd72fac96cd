// FaultProxy: stands between a log and its database, as a Unix socket, knows where a message of PostgreSQL's
// protocol begins and ends, and does to it what networks, servers and poolers do. One fault is armed at a
// time and hits once. On the loop of the test, so that what happens is decided by bytes and not by time.
//
// https://www.postgresql.org/docs/current/protocol.html: a message is a type byte (but for the first one, of
// the client) and a big-endian length that counts itself.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace skald::store::testing {

enum class Direction { ToServer, ToClient };

class FaultProxy {
 public:
  // `server` is the directory of the server's socket.
  FaultProxy(boost::asio::io_context& io, std::string server);
  ~FaultProxy();
  const std::string& directory() const { return directory_; }

  // The connection ends after so many more bytes in that direction.
  void cut(Direction direction, std::size_t after);
  // The peer falls silent: not a byte more in that direction, and nobody says goodbye.
  void silence(Direction direction);
  // Everything comes, one byte at a time, until the server is ready for the next statement.
  void dribble();
  // The whole answer comes but for its last message; then the connection ends.
  void lose_ready();
  // The answer is complete, but instead of the last message the server says that it is shut down.
  void say_shut_down();
  // As a deferred constraint does it: rows, "command complete", and then the commit fails. The server here is
  // never told to commit, so nothing was kept.
  void fail_commit(const std::string& sqlstate);
  // The statement is executed and its transaction stays open until commit() is called.
  void hold_commit();
  void commit();
  // As a pooler: connections of clients outlive the server's.
  void pool() { pools_ = true; }
  void forget_prepared();
  // From now on another server answers, on connections that are open as on new ones; what was prepared there
  // is known here too, unless it was forgotten.
  void switch_to(std::string server);

  bool has_hit() const { return !armed_; }
  std::size_t passed(Direction direction) const { return passed_[direction == Direction::ToServer ? 0 : 1]; }

 private:
  using Unix = boost::asio::local::stream_protocol;
  enum class Fault { Cut, Silence, Dribble, LoseReady, SayShutDown, FailCommit, HoldCommit };
  struct Armed {
    Fault fault{};
    Direction direction = Direction::ToServer;
    std::size_t after = 0;
    std::string sqlstate{};
  };
  // One client's connection with its way to the server.
  struct Pair;

  void arm(Armed fault) { armed_ = std::move(fault); }
  bool is_armed(Fault fault) const { return armed_ && armed_->fault == fault; }
  void accept();
  void read(std::shared_ptr<Pair> pair, Direction direction);
  void take(const std::shared_ptr<Pair>& pair, Direction direction, const std::string& message);
  void to_server(const std::shared_ptr<Pair>& pair, const std::string& message);
  void to_client(const std::shared_ptr<Pair>& pair, const std::string& message);
  void write(const std::shared_ptr<Pair>& pair, Direction direction, const std::string& bytes);
  void write_slowly(std::shared_ptr<Pair> pair, Direction direction);
  void move_over(const std::shared_ptr<Pair>& pair);

  boost::asio::io_context& io_;
  std::string server_, directory_;
  Unix::acceptor acceptor_;
  std::vector<std::weak_ptr<Pair>> pairs_;
  std::optional<Armed> armed_;
  std::shared_ptr<Pair> uncommitted_;
  bool pools_ = false;
  std::size_t passed_[2] = {0, 0};
};

}  // namespace skald::store::testing
