#include "sagas/sandbox/storage.hpp"

#include "engine/base/check.hpp"
#include "sagas/sandbox/field_text.hpp"
#include "sagas/sandbox/tables.hpp"

namespace skald::sandbox {
namespace {

constexpr const char* kLedgerColumns =
    "time, key, operation, attempt, saga, saga_name, step, method, path, answer, effect, replayed, fault";

std::string numbered(std::size_t number) {
  return "$" + std::to_string(number);
}

std::string truth(bool value) {
  return value ? "true" : "false";
}
bool is_true(const SqlValue& value) {
  return value == "true" || value == "t";
}

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

Result<void> done(const Result<std::vector<SqlRow>>& answer) {
  if (!answer) return answer.error();
  return {};
}

std::optional<std::int64_t> integer(const SqlValue& value) {
  return value ? std::optional<std::int64_t>(std::stoll(*value)) : std::nullopt;
}

LedgerEntry read_entry(const SqlRow& row) {
  LedgerEntry entry;
  entry.number = *integer(row[0]);
  entry.time = parse_rfc3339(*row[1]).value();
  entry.call.key = row[2];
  entry.call.operation = row[3] == "compensate" ? Operation::Compensate : Operation::Action;
  entry.call.attempt = static_cast<int>(*integer(row[4]));
  entry.call.saga = row[5];
  entry.call.saga_name = row[6];
  entry.call.step = row[7];
  entry.method = *row[8];
  entry.path = *row[9];
  if (const auto answer = integer(row[10])) entry.answer = static_cast<int>(*answer);
  entry.effect = is_true(row[11]);
  entry.replayed = is_true(row[12]);
  entry.fault = row[13];
  return entry;
}

}  // namespace

Result<Storage> Storage::prepare(std::unique_ptr<Database> database, const Declaration& declaration) {
  if (auto made = make_tables(*database, declaration); !made) return made.error();
  return Storage(std::move(database));
}

Result<void> Storage::transact(const std::function<Result<void>()>& work) {
  if (auto begun = database_->run(database_->dialect().begin); !begun) return begun.error();
  Result<void> worked = work();
  if (worked) worked = done(database_->run("commit"));
  // A failed statement, or a commit that was refused: whatever state the transaction is in, it ends here.
  // That this may fail too (the connection is gone) changes nothing.
  if (!worked) (void)database_->run("rollback");
  return worked;
}

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
        (condition.empty() ? " where " : " and ") + Database::quoted(name) + " = " + numbered(texts.size());
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
  for (std::size_t i = 1; i <= texts->size(); ++i) places += (places.empty() ? "" : ", ") + numbered(i);
  return done(database_->run("insert into " + database_->table(resource.name) + " (" + column_list(resource) +
                                 ") values (" + places + ")",
                             *texts));
}

Result<void> Storage::update(const Resource& resource, const Json& values) {
  auto texts = field_texts(resource, values);
  if (!texts) return texts.error();
  std::string assignments;
  for (std::size_t i = 0; i < resource.fields.size(); ++i)
    assignments += (i == 0 ? "" : ", ") + Database::quoted(resource.fields[i].name) + " = " + numbered(i + 1);
  texts->push_back(key_text(resource, values));
  return done(database_->run("update " + database_->table(resource.name) + " set " + assignments + " where " +
                                 Database::quoted(resource.key) + " = " + numbered(texts->size()),
                             *texts));
}

Result<KeyRecord> Storage::find_key(const std::string& key) {
  const auto rows = database_->run(
      "select undone, fingerprint, status, body, before from " + database_->table("_key") + " where key = $1",
      {key});
  if (!rows) return rows.error();
  KeyRecord record;
  if (rows->empty()) return record;
  const SqlRow& row = rows->front();
  record.undone = is_true(row[0]);
  if (!row[1]) return record;
  const auto before = parse_json(*row[4]);
  if (!before) return before.error();
  record.effect = KeptEffect{*row[1], static_cast<int>(*integer(row[2])), *row[3], *before};
  return record;
}

Result<void> Storage::keep_key(const std::string& key, const KeyRecord& record) {
  std::vector<SqlValue> texts{key, truth(record.undone), {}, {}, {}, {}};
  if (const auto& effect = record.effect) {
    texts[2] = effect->fingerprint;
    texts[3] = std::to_string(effect->status);
    texts[4] = effect->body;
    texts[5] = effect->before.dump();
  }
  return done(
      database_->run("insert into " + database_->table("_key") +
                         " (key, undone, fingerprint, status, body, before) values ($1, $2, $3, $4, $5, $6)"
                         " on conflict (key) do update set undone = excluded.undone",
                     texts));
}

Result<void> Storage::append_to_ledger(const LedgerEntry& entry) {
  const auto& call = entry.call;
  const SqlValue answer = entry.answer ? SqlValue(std::to_string(*entry.answer)) : std::nullopt;
  return done(
      database_->run("insert into " + database_->table("_ledger") + " (" + kLedgerColumns +
                         ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                     {to_rfc3339(entry.time), call.key, std::string(to_text(call.operation)),
                      std::to_string(call.attempt), call.saga, call.saga_name, call.step, entry.method,
                      entry.path, answer, truth(entry.effect), truth(entry.replayed), entry.fault}));
}

Result<std::vector<LedgerEntry>> Storage::read_ledger(const LedgerFilter& filter) {
  std::vector<SqlValue> texts{std::to_string(filter.after)};
  std::string condition = "_number > $1";
  for (const auto& [column, value] : {std::pair("key", filter.key), std::pair("saga", filter.saga)}) {
    if (!value) continue;
    texts.push_back(*value);
    condition += std::string(" and ") + column + " = " + numbered(texts.size());
  }
  const auto rows = database_->run(std::string("select _number, ") + kLedgerColumns + " from " +
                                       database_->table("_ledger") + " where " + condition +
                                       " order by _number limit " + std::to_string(filter.limit),
                                   texts);
  if (!rows) return rows.error();
  std::vector<LedgerEntry> entries;
  for (const SqlRow& row : *rows) entries.push_back(read_entry(row));
  return entries;
}

}  // namespace skald::sandbox
