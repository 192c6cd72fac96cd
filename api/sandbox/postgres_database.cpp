#include "api/sandbox/postgres_database.hpp"

namespace skald::api {
namespace {

std::string schema_name(const std::string& service) {
  return "sandbox_" + service;
}

sandbox::Dialect dialect_of(const std::string& service) {
  const std::string schema = schema_name(service);
  // The lock ends with the transaction. It keeps two processes that serve the same schema from meeting.
  return {sandbox::Database::quoted(schema) + ".", "bigint generated always as identity primary key",
          "begin; select pg_advisory_xact_lock(hashtext('" + schema + "'))"};
}

}  // namespace

PostgresDatabase::PostgresDatabase(std::string conninfo, const std::string& service)
    : conninfo_(std::move(conninfo)), dialect_(dialect_of(service)) {}

Result<std::unique_ptr<PostgresDatabase>> PostgresDatabase::open(std::string conninfo,
                                                                 const std::string& service) {
  std::unique_ptr<PostgresDatabase> database(new PostgresDatabase(std::move(conninfo), service));
  if (auto connected = database->connect(); !connected) return connected.error();
  const auto made = database->run("create schema if not exists " + quoted(schema_name(service)));
  if (!made) return made.error();
  return database;
}

Result<std::vector<sandbox::SqlRow>> PostgresDatabase::run(const std::string& statement,
                                                           const std::vector<sandbox::SqlValue>& values) {
  // Never in the middle of a transaction: its first statement failed then, and the caller gives it up.
  if (!connection_)
    if (auto connected = connect(); !connected) return connected.error();
  auto rows = values.empty() ? connection_->run(statement) : connection_->run_prepared(statement, values);
  if (!rows && rows.error().kind == ErrorKind::Unavailable) connection_.reset();
  return rows;
}

Result<void> PostgresDatabase::connect() {
  auto opened = store::BlockingConnection::open(conninfo_);
  if (!opened) return opened.error();
  connection_ = std::move(*opened);
  return {};
}

}  // namespace skald::api
