#include "sagas/sandbox/sqlite_database.hpp"

#include <sqlite3.h>

namespace skald::sandbox {
namespace {

SqlValue column(sqlite3_stmt* statement, int number) {
  if (sqlite3_column_type(statement, number) == SQLITE_NULL) return std::nullopt;
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, number));
  return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, number)));
}

}  // namespace

void SqliteDatabase::Close::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}
void SqliteDatabase::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(const std::filesystem::path& file) {
  sqlite3* connection = nullptr;
  const int opened =
      sqlite3_open_v2(file.c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(connection));
  if (opened != SQLITE_OK)
    return unavailable("cannot open the SQLite file " + file.string() + ": " + sqlite3_errstr(opened));
  sqlite3_busy_timeout(connection, 5000);
  for (const char* pragma : {"pragma journal_mode = wal", "pragma synchronous = full"})
    if (auto set = database->run(pragma); !set) return set.error();
  return database;
}

const Dialect& SqliteDatabase::dialect() const {
  static const Dialect sqlite{"", "integer primary key autoincrement", "begin immediate"};
  return sqlite;
}

Result<std::vector<SqlRow>> SqliteDatabase::run(const std::string& statement,
                                                const std::vector<SqlValue>& values) {
  const auto found = prepared(statement);
  if (!found) return found.error();
  sqlite3_stmt* const running = found.value();
  for (std::size_t i = 0; i < values.size(); ++i) {
    // SQLite numbers "$1", "$2" … by first appearance, hence "in order" in database.hpp.
    const int number = static_cast<int>(i) + 1;
    if (!values[i])
      sqlite3_bind_null(running, number);
    else
      sqlite3_bind_text64(running, number, values[i]->data(), values[i]->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  std::vector<SqlRow> rows;
  int step = sqlite3_step(running);
  for (; step == SQLITE_ROW; step = sqlite3_step(running)) {
    SqlRow& row = rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(running); ++i) row.push_back(column(running, i));
  }
  std::optional<Error> fault;
  if (step != SQLITE_DONE) fault = failure(statement);
  sqlite3_reset(running);
  sqlite3_clear_bindings(running);
  if (fault) return *fault;
  return rows;
}

Result<sqlite3_stmt*> SqliteDatabase::prepared(const std::string& statement) {
  if (const auto known = statements_.find(statement); known != statements_.end()) return known->second.get();
  sqlite3_stmt* fresh = nullptr;
  if (sqlite3_prepare_v2(connection_.get(), statement.data(), static_cast<int>(statement.size()), &fresh,
                         nullptr) != SQLITE_OK)
    return failure(statement);
  return statements_.emplace(statement, fresh).first->second.get();
}

Error SqliteDatabase::failure(const std::string& statement) const {
  return unavailable("SQLite refused \"" + statement + "\": " + sqlite3_errmsg(connection_.get()));
}

}  // namespace skald::sandbox
