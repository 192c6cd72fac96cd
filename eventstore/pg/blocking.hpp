// BlockingConnection: plain SQL, one statement after the other, waiting for each. For migrations, the private
// server and tests; lanes use Connection.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/error.hpp"

namespace skald::store {

class BlockingConnection {
 public:
  // Rows of texts; null is std::nullopt.
  using Row = std::vector<std::optional<std::string>>;

  static Result<BlockingConnection> open(const std::string& conninfo);

  // Runs `sql`, which may hold several statements where there are no parameters, and gives the rows of the
  // last. A failure's message begins with the SQLSTATE in brackets.
  Result<std::vector<Row>> run(const std::string& sql, const Row& parameters = {});
  // The first column of the first row; for tests and settings.
  Result<std::string> value(const std::string& sql, const Row& parameters = {});

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  explicit BlockingConnection(PGconn* connection) : connection_(connection) {}
  std::unique_ptr<PGconn, Finish> connection_;
};

}  // namespace skald::store
