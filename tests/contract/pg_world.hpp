// The world of the log on PostgreSQL: a database of its own, copied from a migrated one, on a private server
// that all tests of this program share. What tests do to it beside the log goes through `sql`.
#pragma once

#include <boost/asio/io_context.hpp>

#include "eventstore/pg/blocking.hpp"
#include "eventstore/pg/pg_log.hpp"
#include "eventstore/pg/private_server.hpp"
#include "tests/contract/log_world.hpp"

namespace skald::store::testing {

// Of this test program; started when first asked for, stopped at its end.
PrivateServer& test_server();
// Where the socket of a server is, as its conninfo says.
std::string socket_directory(const std::string& conninfo);

class PgWorld final : public LogWorld {
 public:
  PgWorld();

  std::unique_ptr<Log> log(LaneName name) override { return log_through(conninfo_, std::move(name)); }
  // The same through another address of the server, such as a proxy.
  std::unique_ptr<Log> log_through(const std::string& conninfo, LaneName name) {
    return std::make_unique<PgLog>(io_, conninfo, std::move(name));
  }
  void run_until(const std::function<bool()>& it_is_so) override;
  void make_silent(const std::string& node) override;

  boost::asio::io_context& io() { return io_; }
  const std::string& conninfo() const { return conninfo_; }
  // One statement (or several without parameters); a failure fails the test.
  std::vector<BlockingConnection::Row> sql(const std::string& text,
                                           const BlockingConnection::Row& parameters = {});
  std::string value(const std::string& text, const BlockingConnection::Row& parameters = {});
  BlockingConnection connect();

 private:
  boost::asio::io_context io_;
  std::string conninfo_;
  std::optional<BlockingConnection> sql_;
};

}  // namespace skald::store::testing
