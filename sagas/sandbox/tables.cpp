#include "sagas/sandbox/tables.hpp"

#include "sagas/sandbox/field_text.hpp"

namespace skald::sandbox {
namespace {

struct Column {
  std::string name;
  std::string type;
};

Result<void> make_table(Database& database, const std::string& name, const std::vector<Column>& columns) {
  std::string statement =
      "create table if not exists " + database.table(name) + " (_number " + database.dialect().counted_key;
  for (const auto& [column, type] : columns) statement += ", " + Database::quoted(column) + " " + type;
  if (auto made = database.run(statement + ")"); !made) return made.error();
  return {};
}

// The one question that SQLite and PostgreSQL both answer the same way.
bool has_column(Database& database, const std::string& table, const std::string& column) {
  return database
      .run("select t." + Database::quoted(column) + " from " + database.table(table) + " t limit 0")
      .has_value();
}

Result<void> make_resource_table(Database& database, const Resource& resource) {
  std::vector<Column> columns;
  for (const Field& field : resource.fields) {
    const std::string unique = field.name == resource.key ? " not null unique" : "";
    columns.push_back({field.name, std::string(column_type(field.type)) + unique});
  }
  if (auto made = make_table(database, resource.name, columns); !made) return made;
  for (const auto& [column, type] : columns) {
    if (has_column(database, resource.name, column)) continue;
    if (auto added = database.run("alter table " + database.table(resource.name) + " add column " +
                                  Database::quoted(column) + " " + type);
        !added)
      return added.error();
  }
  return {};
}

}  // namespace

Result<void> make_tables(Database& database, const Declaration& declaration) {
  for (const Resource& resource : declaration.resources)
    if (auto made = make_resource_table(database, resource); !made) return made;
  if (auto made = make_table(database, "_key",
                             {{"key", "text not null unique"},
                              {"undone", "boolean not null"},
                              {"fingerprint", "text"},
                              {"status", "bigint"},
                              {"body", "text"},
                              {"before", "text"}});
      !made)
    return made;
  return make_table(database, "_ledger",
                    {{"time", "text not null"},
                     {"key", "text"},
                     {"operation", "text not null"},
                     {"attempt", "bigint not null"},
                     {"saga", "text"},
                     {"saga_name", "text"},
                     {"step", "text"},
                     {"method", "text not null"},
                     {"path", "text not null"},
                     {"answer", "bigint"},
                     {"effect", "boolean not null"},
                     {"replayed", "boolean not null"},
                     {"fault", "text"}});
}

}  // namespace skald::sandbox
