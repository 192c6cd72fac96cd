// The little of SQL that a stand-in service needs, so that its tables are written once and kept in SQLite or
// PostgreSQL alike: statements with $1, $2 … in order, values as text. sqlite_database.hpp implements it
// here, api/sandbox/postgres_database.hpp there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.hpp"

namespace skald::sandbox {

using SqlValue = std::optional<std::string>;  // text, or null
using SqlRow = std::vector<SqlValue>;

// Where the two differ.
struct Dialect {
  std::string schema;       // put before every table's name: "" or "\"sandbox_enrollment\"."
  std::string counted_key;  // type of a key that the database counts up by itself
  std::string begin;        // opens a transaction that nobody else writes beside
};

class Database {
 public:
  virtual ~Database() = default;
  virtual const Dialect& dialect() const = 0;
  virtual Result<std::vector<SqlRow>> run(const std::string& statement,
                                          const std::vector<SqlValue>& values = {}) = 0;

  // A table's full name, quoted.
  std::string table(std::string_view name) const { return dialect().schema + quoted(name); }
  static std::string quoted(std::string_view name) { return '"' + std::string(name) + '"'; }
};

}  // namespace skald::sandbox
