// A stand-in service's tables in PostgreSQL, in a schema of its own: "sandbox_enrollment". The connection is
// opened again when it was lost.
#pragma once

#include <memory>
#include <optional>

#include "eventstore/pg/blocking.hpp"
#include "sagas/sandbox/database.hpp"

namespace skald::api {

class PostgresDatabase final : public sandbox::Database {
 public:
  // Makes the schema where there is none.
  static Result<std::unique_ptr<PostgresDatabase>> open(std::string conninfo, const std::string& service);

  const sandbox::Dialect& dialect() const override { return dialect_; }
  Result<std::vector<sandbox::SqlRow>> run(const std::string& statement,
                                           const std::vector<sandbox::SqlValue>& values = {}) override;

 private:
  PostgresDatabase(std::string conninfo, const std::string& service);
  Result<void> connect();

  std::string conninfo_;
  sandbox::Dialect dialect_;
  std::optional<store::BlockingConnection> connection_;
};

}  // namespace skald::api
