#include "sagas/sandbox/storage.hpp"

#include "sagas/sandbox/sql_text.hpp"
#include "sagas/sandbox/tables.hpp"

namespace skald::sandbox {

Result<Storage> Storage::prepare(std::unique_ptr<Database> database, const Declaration& declaration) {
  if (auto made = make_tables(*database, declaration); !made) return made.error();
  return Storage(std::move(database));
}

Result<void> Storage::transact(const std::function<Result<void>()>& work) {
  if (auto begun = database_->run(database_->dialect().begin); !begun) return begun.error();
  Result<void> worked = work();
  if (worked) worked = without_rows(database_->run("commit"));
  // A failed statement, or a commit that was refused: whatever state the transaction is in, it ends here.
  // That this may fail too (the connection is gone) changes nothing.
  if (!worked) (void)database_->run("rollback");
  return worked;
}

}  // namespace skald::sandbox
