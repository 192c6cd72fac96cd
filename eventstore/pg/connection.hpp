// Connection: one connection to PostgreSQL on an Asio loop, one statement at a time, all of them prepared.
// Tells three ends of a statement apart, because the safety of the log hangs on it: it was done (Rows), it
// was not done (Refused), nobody knows (Lost). Used by Appender, Reader and Control.
#pragma once

#include <libpq-fe.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "eventstore/pg/parameters.hpp"
#include "eventstore/pg/rows.hpp"

namespace skald::store {

struct Statement {
  const char* name;  // also its name on the server
  const char* sql;
  std::vector<Oid> types;
};

// The server said no and is ready for the next statement: nothing happened.
struct Refused {
  std::string sqlstate;    // five characters (Appendix A of PostgreSQL's manual)
  std::string constraint;  // where one was violated
  std::string message;
};
// Before anything was sent: nothing happened. After it: unknown. The connection is closed either way.
struct Lost {
  std::string why;
};
using Answer = std::variant<Rows, Refused, Lost>;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // Shared, because a pending wait of Asio keeps it until the wait has been cancelled. Whoever drops it calls
  // close() first; from then on no callback comes.
  static std::shared_ptr<Connection> make(boost::asio::io_context& io, std::string conninfo);
  ~Connection();

  // Ends with nothing, or with why it failed.
  void open(std::function<void(std::optional<std::string>)> done);
  // One at a time. Without an answer for `patience` the connection is given up as Lost. The callback is never
  // called inside this call.
  void run(const Statement& statement, Parameters parameters, Duration patience,
           std::function<void(Answer)> done);
  bool is_open() const { return open_; }
  bool is_busy() const { return static_cast<bool>(done_); }
  void close();

 private:
  enum class Phase { Idle, Connecting, Preparing, Executing };

  Connection(boost::asio::io_context& io, std::string conninfo);
  void poll_connect();
  void opened(std::optional<std::string> why_not);
  void send();
  void pump();
  void on_readable();
  void take_results();
  void statement_ended();
  void finish(Answer answer);
  void lose(std::string why);
  void arm(Duration patience, const char* why);
  void release_descriptor();
  void wait_for(boost::asio::posix::stream_descriptor::wait_type what, void (Connection::*then)());
  static void on_notice(void* self, const PGresult* notice);

  boost::asio::io_context& io_;
  std::string conninfo_;
  boost::asio::posix::stream_descriptor descriptor_;  // libpq owns the descriptor, this only waits on it
  boost::asio::steady_timer deadline_;
  PGconn* connection_ = nullptr;
  bool open_ = false;
  Phase phase_ = Phase::Idle;
  std::uint64_t turn_ = 0;  // of the connection and statement; what was waited for in an earlier turn is void
  bool reading_ = false, writing_ = false;
  std::function<void(std::optional<std::string>)> opened_;
  std::set<std::string> prepared_;
  const Statement* statement_ = nullptr;
  Parameters parameters_;
  std::function<void(Answer)> done_;
  PGresult* result_ = nullptr;  // the last one with rows, or the first error
  bool warned_ = false;         // the server warned while the statement ran
};

}  // namespace skald::store
