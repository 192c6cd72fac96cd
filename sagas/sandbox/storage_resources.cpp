// Storage: the resources, one table each.
#include "engine/base/check.hpp"
#include "sagas/sandbox/field_text.hpp"
#include "sagas/sandbox/sql_text.hpp"
#include "sagas/sandbox/storage.hpp"

namespace skald::sandbox {
namespace {

std::string column_list(const Resource& resource) {
  std::string columns;
  for (const Field& field : resource.fields)
    columns += (columns.empty() ? "" : ", ") + Database::quoted(field.name);
  return columns;
}

Json read_resource(const Resource& resource, const SqlRow& row) {
  Json::Object object;
  for (std::size_t i = 0; i < resource.fields.size(); ++i)
    object.append(resource.fields[i].name, from_sql(resource.fields[i], row[i]));
  return object;
}

Result<std::vector<SqlValue>> field_texts(const Resource& resource, const Json& values) {
  std::vector<SqlValue> texts;
  for (const Field& field : resource.fields) {
    auto text = to_sql(field, values.get(field.name));
    if (!text) return text.error();
    texts.push_back(std::move(*text));
  }
  return texts;
}

std::string key_text(const Resource& resource, const Json& values) {
  const auto text = to_sql(*resource.find_field(resource.key), values.get(resource.key));
  CHECK_THAT(text && *text, "a resource that was read has its key");
  return **text;
}

}  // namespace

Result<std::optional<Json>> Storage::find(const Resource& resource, const std::string& key) {
  const auto rows =
      database_->run("select " + column_list(resource) + " from " + database_->table(resource.name) +
                         " where " + Database::quoted(resource.key) + " = $1",
                     {key});
  if (!rows) return rows.error();
  if (rows->empty()) return std::optional<Json>();
  return std::optional(read_resource(resource, rows->front()));
}

Result<std::vector<Json>> Storage::list(const Resource& resource, const FieldValues& where) {
  std::string condition;
  std::vector<SqlValue> texts;
  for (const auto& [name, value] : where) {
    const Field* field = resource.find_field(name);
    CHECK_THAT(field, "the loader knows every field of a 'where'");
    auto text = to_sql(*field, value);
    if (!text) return text.error();
    texts.push_back(std::move(*text));
    condition +=
        (condition.empty() ? " where " : " and ") + Database::quoted(name) + " = " + sql_place(texts.size());
  }
  const auto rows =
      database_->run("select " + column_list(resource) + " from " + database_->table(resource.name) +
                         condition + " order by _number limit " + std::to_string(kListLimit),
                     texts);
  if (!rows) return rows.error();
  std::vector<Json> found;
  for (const SqlRow& row : *rows) found.push_back(read_resource(resource, row));
  return found;
}

Result<void> Storage::insert(const Resource& resource, const Json& values) {
  const auto texts = field_texts(resource, values);
  if (!texts) return texts.error();
  std::string places;
  for (std::size_t i = 1; i <= texts->size(); ++i) places += (places.empty() ? "" : ", ") + sql_place(i);
  return without_rows(database_->run("insert into " + database_->table(resource.name) + " (" +
                                         column_list(resource) + ") values (" + places + ")",
                                     *texts));
}

Result<void> Storage::update(const Resource& resource, const Json& values) {
  auto texts = field_texts(resource, values);
  if (!texts) return texts.error();
  std::string assignments;
  for (std::size_t i = 0; i < resource.fields.size(); ++i)
    assignments +=
        (i == 0 ? "" : ", ") + Database::quoted(resource.fields[i].name) + " = " + sql_place(i + 1);
  texts->push_back(key_text(resource, values));
  return without_rows(database_->run("update " + database_->table(resource.name) + " set " + assignments +
                                         " where " + Database::quoted(resource.key) + " = " +
                                         sql_place(texts->size()),
                                     *texts));
}

}  // namespace skald::sandbox
