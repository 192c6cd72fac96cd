#include "eventstore/pg/blocking.hpp"

#include "eventstore/pg/connection.hpp"
#include "eventstore/pg/server_text.hpp"

namespace skald::store {

namespace {

using PgResult = std::unique_ptr<PGresult, decltype(&PQclear)>;

constexpr int kBinaryFormat = 1;

void ignore_notice(void*, const PGresult*) {}

std::vector<const char*> pointers(const BlockingConnection::Row& parameters) {
  std::vector<const char*> values;
  for (const auto& parameter : parameters) values.push_back(parameter ? parameter->c_str() : nullptr);
  return values;
}

}  // namespace

Result<BlockingConnection> BlockingConnection::open(const std::string& conninfo) {
  BlockingConnection opened(PQconnectdb(conninfo.c_str()));
  PGconn* raw = opened.connection_.get();
  if (PQstatus(raw) != CONNECTION_OK) {
    return unavailable("cannot connect to PostgreSQL: " + trimmed(PQerrorMessage(raw)));
  }
  PQsetNoticeReceiver(raw, ignore_notice, nullptr);
  return opened;
}

Result<std::vector<BlockingConnection::Row>> BlockingConnection::run(const std::string& sql,
                                                                     const Row& parameters) {
  PGconn* raw = connection_.get();
  const auto values = pointers(parameters);
  const PgResult result(parameters.empty() ? PQexec(raw, sql.c_str())
                                           : PQexecParams(raw, sql.c_str(), static_cast<int>(values.size()),
                                                          nullptr, values.data(), nullptr, nullptr, 0),
                        &PQclear);
  return rows_of(result.get());
}

Result<std::vector<BlockingConnection::Row>> BlockingConnection::run_prepared(const std::string& sql,
                                                                              const Row& parameters) {
  const auto name = prepared(sql);
  if (!name) return name.error();
  const auto values = pointers(parameters);
  const PgResult result(PQexecPrepared(connection_.get(), name->c_str(), static_cast<int>(values.size()),
                                       values.data(), nullptr, nullptr, 0),
                        &PQclear);
  return rows_of(result.get());
}

Result<std::string> BlockingConnection::prepared(const std::string& sql) {
  if (const auto known = prepared_.find(sql); known != prepared_.end()) return known->second;
  const std::string name = "s" + std::to_string(prepared_.size() + 1);
  const PgResult made(PQprepare(connection_.get(), name.c_str(), sql.c_str(), 0, nullptr), &PQclear);
  if (PQresultStatus(made.get()) != PGRES_COMMAND_OK) return failure(made.get());
  return prepared_.emplace(sql, name).first->second;
}

Result<std::vector<BlockingConnection::Row>> BlockingConnection::rows_of(const PGresult* result) const {
  const auto status = PQresultStatus(result);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY) {
    return failure(result);
  }
  std::vector<Row> rows;
  for (int row = 0; row < PQntuples(result); ++row) {
    Row& texts = rows.emplace_back();
    for (int column = 0; column < PQnfields(result); ++column) {
      if (PQgetisnull(result, row, column)) {
        texts.emplace_back(std::nullopt);
      } else {
        texts.emplace_back(std::string(PQgetvalue(result, row, column)));
      }
    }
  }
  return rows;
}

Error BlockingConnection::failure(const PGresult* result) const {
  PGconn* raw = connection_.get();
  const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const auto message = "[" + std::string(sqlstate ? sqlstate : "?") + "] " + trimmed(PQerrorMessage(raw));
  return PQstatus(raw) == CONNECTION_OK ? unexpected(message) : unavailable(message);
}

Result<Rows> BlockingConnection::query(const Statement& statement, const Parameters& parameters) {
  const auto values = parameters.pointers();
  const auto lengths = parameters.lengths();
  const std::vector<int> formats(parameters.size(), kBinaryFormat);
  PgResult result(
      PQexecParams(connection_.get(), statement.sql, static_cast<int>(parameters.size()),
                   statement.types.data(), values.data(), lengths.data(), formats.data(), kBinaryFormat),
      &PQclear);
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) return failure(result.get());
  return Rows(result.release());
}

Result<void> BlockingConnection::stream(const Statement& statement, const Parameters& parameters,
                                        const std::function<Result<void>(const Rows&)>& take) {
  PGconn* raw = connection_.get();
  const auto values = parameters.pointers();
  const auto lengths = parameters.lengths();
  const std::vector<int> formats(parameters.size(), kBinaryFormat);
  if (PQsendQueryParams(raw, statement.sql, static_cast<int>(parameters.size()), statement.types.data(),
                        values.data(), lengths.data(), formats.data(), kBinaryFormat) == 0)
    return unavailable(trimmed(PQerrorMessage(raw)));
  PQsetSingleRowMode(raw);
  Result<void> taken;
  for (PGresult* next = PQgetResult(raw); next != nullptr; next = PQgetResult(raw)) {
    Rows rows(next);
    const auto status = PQresultStatus(next);
    if (!taken) continue;  // what still comes of a statement that was ended early
    if (status == PGRES_SINGLE_TUPLE) {
      taken = take(rows);
      if (!taken) cancel();
    } else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      taken = failure(next);
    }
  }
  return taken;
}

void BlockingConnection::cancel() {
  const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> asked(PQgetCancel(connection_.get()),
                                                                 &PQfreeCancel);
  char why_not[256];
  if (asked) PQcancel(asked.get(), why_not, sizeof why_not);
}

Result<std::string> BlockingConnection::value(const std::string& sql, const Row& parameters) {
  auto rows = run(sql, parameters);
  if (!rows) return rows.error();
  if (rows->empty() || rows->front().empty() || !rows->front().front())
    return not_found("no value from: " + sql);
  return *rows->front().front();
}

}  // namespace skald::store
