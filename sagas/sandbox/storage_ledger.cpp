// Storage: every request, in the table _ledger.
#include "sagas/sandbox/sql_text.hpp"
#include "sagas/sandbox/storage.hpp"

namespace skald::sandbox {
namespace {

constexpr const char* kLedgerColumns =
    "time, key, operation, attempt, saga, saga_name, step, method, path, answer, effect, replayed, fault";

LedgerEntry read_entry(const SqlRow& row) {
  LedgerEntry entry;
  entry.number = *sql_integer(row[0]);
  entry.time = parse_rfc3339(*row[1]).value();
  entry.call.key = row[2];
  entry.call.operation = row[3] == "compensate" ? Operation::Compensate : Operation::Action;
  entry.call.attempt = static_cast<int>(*sql_integer(row[4]));
  entry.call.saga = row[5];
  entry.call.saga_name = row[6];
  entry.call.step = row[7];
  entry.method = *row[8];
  entry.path = *row[9];
  if (const auto answer = sql_integer(row[10])) entry.answer = static_cast<int>(*answer);
  entry.effect = is_sql_true(row[11]);
  entry.replayed = is_sql_true(row[12]);
  entry.fault = row[13];
  return entry;
}

}  // namespace

Result<void> Storage::append_to_ledger(const LedgerEntry& entry) {
  const auto& call = entry.call;
  const SqlValue answer = entry.answer ? SqlValue(std::to_string(*entry.answer)) : std::nullopt;
  return without_rows(
      database_->run("insert into " + database_->table("_ledger") + " (" + kLedgerColumns +
                         ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                     {to_rfc3339(entry.time), call.key, std::string(to_text(call.operation)),
                      std::to_string(call.attempt), call.saga, call.saga_name, call.step, entry.method,
                      entry.path, answer, sql_truth(entry.effect), sql_truth(entry.replayed), entry.fault}));
}

Result<std::vector<LedgerEntry>> Storage::read_ledger(const LedgerFilter& filter) {
  std::vector<SqlValue> texts{std::to_string(filter.after)};
  std::string condition = "_number > $1";
  for (const auto& [column, value] : {std::pair("key", filter.key), std::pair("saga", filter.saga)}) {
    if (!value) continue;
    texts.push_back(*value);
    condition += std::string(" and ") + column + " = " + sql_place(texts.size());
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
