// Reader: a lane's queries, one after the other on a connection of their own. Reads may be repeated, so a
// lost connection costs a query one more try. Look-ups of start keys that gather meanwhile become one
// statement.
#pragma once

#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/log.hpp"
#include "eventstore/pg/connection.hpp"

namespace skald::store {

class Reader {
 public:
  Reader(boost::asio::io_context& io, std::string conninfo);
  ~Reader();

  void query(const Statement& statement, Parameters parameters, std::function<void(Result<Rows>)> done);
  void find_start_key(std::string definition, std::string key, Done<std::optional<StartKeyTaken>> done);
  void close();

 private:
  struct Query {
    const Statement* statement;
    Parameters parameters;
    std::function<void(Result<Rows>)> done;
    int tries = 0;
  };
  struct KeyLookup {
    std::string definition, key;
    Done<std::optional<StartKeyTaken>> done;
  };
  void run_next();
  void connect();
  void on_answer(Answer answer);
  void fail_all(const std::string& why);
  void ask_for_start_keys();

  boost::asio::io_context& io_;
  std::string conninfo_;
  std::shared_ptr<Connection> connection_;
  bool connecting_ = false;
  std::deque<Query> queue_;  // the first one is being asked where running_
  bool running_ = false;
  std::vector<KeyLookup> lookups_;  // gathered, not asked yet
  bool asking_ = false;             // a look-up of start keys is queued or under way
};

}  // namespace skald::store
