// BlockingConnection: plain SQL, one statement after the other, waiting for each. For migrations, the private
// server, tests, and commands that read or write the whole log; lanes use Connection.
#pragma once

#include <libpq-fe.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/error.hpp"
#include "eventstore/pg/parameters.hpp"
#include "eventstore/pg/rows.hpp"

namespace skald::store {

struct Statement;  // connection.hpp

class BlockingConnection {
 public:
  // Rows of texts; null is std::nullopt.
  using Row = std::vector<std::optional<std::string>>;

  static Result<BlockingConnection> open(const std::string& conninfo);
  bool is_open() const { return connection_ && PQstatus(connection_.get()) == CONNECTION_OK; }

  // Runs `sql`, which may hold several statements where there are no parameters, and gives the rows of the
  // last. A failure's message begins with the SQLSTATE in brackets.
  Result<std::vector<Row>> run(const std::string& sql, const Row& parameters = {});
  // The same for one statement that comes again and again: prepared when it first comes, and kept for as long
  // as the connection. For few texts that do not change.
  Result<std::vector<Row>> run_prepared(const std::string& sql, const Row& parameters);
  // The first column of the first row; for tests and settings.
  Result<std::string> value(const std::string& sql, const Row& parameters = {});

  // A statement in PostgreSQL's binary format, not prepared: all rows at once, for answers that are small.
  Result<Rows> query(const Statement& statement, const Parameters& parameters = {});
  // The same row by row, each one alone in memory, however many there are. An Error of `take` ends it early
  // and is its own.
  Result<void> stream(const Statement& statement, const Parameters& parameters,
                      const std::function<Result<void>(const Rows&)>& take);

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  explicit BlockingConnection(PGconn* connection) : connection_(connection) {}
  Result<std::string> prepared(const std::string& sql);
  Result<std::vector<Row>> rows_of(const PGresult* result) const;
  Error failure(const PGresult* result) const;
  void cancel();
  std::unique_ptr<PGconn, Finish> connection_;
  std::unordered_map<std::string, std::string> prepared_;  // names by text
};

}  // namespace skald::store
