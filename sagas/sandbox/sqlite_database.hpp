// A service's own SQLite file. What is committed survives kill -9 and power loss: write-ahead log, synced at
// every commit.
#pragma once

#include <filesystem>
#include <memory>
#include <unordered_map>

#include "sagas/sandbox/database.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace skald::sandbox {

class SqliteDatabase final : public Database {
 public:
  // Makes the file where there is none; its folder must exist. ":memory:" keeps everything in memory.
  static Result<std::unique_ptr<SqliteDatabase>> open(const std::filesystem::path& file);

  const Dialect& dialect() const override;
  Result<std::vector<SqlRow>> run(const std::string& statement,
                                  const std::vector<SqlValue>& values = {}) override;

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  explicit SqliteDatabase(sqlite3* connection) : connection_(connection) {}
  Result<sqlite3_stmt*> prepared(const std::string& statement);
  Error failure(const std::string& statement) const;

  std::unique_ptr<sqlite3, Close> connection_;
  // Prepared once each: the statements of a service are few, and fixed by its declaration.
  std::unordered_map<std::string, Statement> statements_;
};

}  // namespace skald::sandbox
