// Storage: what one stand-in service keeps, in tables a person can read with plain SQL: one per resource,
// `_key` (the effects by idempotency key) and `_ledger` (every request). Nobody else reads them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sagas/sandbox/database.hpp"
#include "sagas/sandbox/declaration.hpp"
#include "sagas/sandbox/ledger.hpp"

namespace skald::sandbox {

// The effect a request had, so that its repetition gets the same answer and its undo knows what was before.
struct KeptEffect {
  std::string fingerprint;  // of method, path and body
  int status = 200;
  std::string body;
  Json before;  // the resource as it was; null where it was created
};

// What is known of an idempotency key. Undone without an effect: an undo came for a key never seen.
struct KeyRecord {
  bool undone = false;
  std::optional<KeptEffect> effect;
};

using FieldValues = std::vector<std::pair<std::string, Json>>;

class Storage {
 public:
  // Makes the tables and columns that are missing; what is there stays as it is.
  static Result<Storage> prepare(std::unique_ptr<Database> database, const Declaration& declaration);

  // All that `work` writes is kept, durably, or (when it fails) nothing of it.
  Result<void> transact(const std::function<Result<void>()>& work);

  Result<std::optional<Json>> find(const Resource& resource, const std::string& key);
  // Those whose fields equal these values, oldest first, at most kListLimit.
  Result<std::vector<Json>> list(const Resource& resource, const FieldValues& where);
  // `values` has every field; each is of its type (checked: the Error is of kind Invalid).
  Result<void> insert(const Resource& resource, const Json& values);
  Result<void> update(const Resource& resource, const Json& values);

  Result<KeyRecord> find_key(const std::string& key);
  Result<void> keep_key(const std::string& key, const KeyRecord& record);

  Result<void> append_to_ledger(const LedgerEntry& entry);
  Result<std::vector<LedgerEntry>> read_ledger(const LedgerFilter& filter);

  // One answer's worth: stand-in services are for development and tests, not for data of any size.
  static constexpr std::size_t kListLimit = 10'000;

 private:
  explicit Storage(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  std::unique_ptr<Database> database_;
};

}  // namespace skald::sandbox
