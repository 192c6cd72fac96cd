// Storage: the effects by idempotency key, in the table _key.
#include "sagas/sandbox/sql_text.hpp"
#include "sagas/sandbox/storage.hpp"

namespace skald::sandbox {

Result<KeyRecord> Storage::find_key(const std::string& key) {
  const auto rows = database_->run(
      "select undone, fingerprint, status, body, before from " + database_->table("_key") + " where key = $1",
      {key});
  if (!rows) return rows.error();
  KeyRecord record;
  if (rows->empty()) return record;
  const SqlRow& row = rows->front();
  record.undone = is_sql_true(row[0]);
  if (!row[1]) return record;
  const auto before = parse_json(*row[4]);
  if (!before) return before.error();
  record.effect = KeptEffect{*row[1], static_cast<int>(*sql_integer(row[2])), *row[3], *before};
  return record;
}

Result<void> Storage::keep_key(const std::string& key, const KeyRecord& record) {
  std::vector<SqlValue> texts{key, sql_truth(record.undone), {}, {}, {}, {}};
  if (const auto& effect = record.effect) {
    texts[2] = effect->fingerprint;
    texts[3] = std::to_string(effect->status);
    texts[4] = effect->body;
    texts[5] = effect->before.dump();
  }
  return without_rows(
      database_->run("insert into " + database_->table("_key") +
                         " (key, undone, fingerprint, status, body, before) values ($1, $2, $3, $4, $5, $6)"
                         " on conflict (key) do update set undone = excluded.undone",
                     texts));
}

}  // namespace skald::sandbox
