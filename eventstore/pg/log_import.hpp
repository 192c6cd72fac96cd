// LogImport: writes a whole log into an empty database, with the positions, ids and times it had
// (semantics.md section 6). All of it is one transaction: a process that dies in the middle leaves the
// database empty. From its commit on the database is frozen (skald.setting.frozen): no lane can register
// until resume_log().
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/base/error.hpp"
#include "eventstore/log.hpp"
#include "eventstore/pg/archive.hpp"
#include "eventstore/pg/blocking.hpp"
#include "eventstore/view_store.hpp"

namespace skald::store {

// What stands beside the log for one saga, as its events say it must.
struct RebuiltSaga {
  SagaRow row;
  std::int64_t first_position = 0;
};

class LogImport {
 public:
  // `heads`: of each partition the position of its last event; below `kept_below` positions may be missing.
  // Refuses a database that is not empty, at which a node is at work, or of another number of partitions.
  static Result<LogImport> begin(const std::string& conninfo, const std::vector<std::int64_t>& heads,
                                 std::int64_t kept_below);

  Result<void> add(const DefinitionRow& definition);
  Result<void> add(const WriterRow& writer);
  Result<void> add(const ViewSkip& skip);
  // A view without rows yet. Once all events are there: it is filled when it has come as far as they go.
  Result<void> add(const NewView& view);
  // In the order of positions within a partition; gathered into few statements.
  Result<void> add(StoredEvent event);

  // Once all events are there: the rows beside the log, saga by saga.
  Result<void> rebuild(
      const std::function<Result<RebuiltSaga>(SagaId, const std::vector<StoredEvent>&)>& fold);

  // `why_frozen`: what a node that tries to begin is told.
  Result<void> commit(const std::string& why_frozen);

 private:
  explicit LogImport(BlockingConnection database) : database_(std::move(database)) {}
  Result<void> write_events();
  Result<void> write_rows(std::vector<RebuiltSaga>& sagas);

  BlockingConnection database_;
  std::vector<StoredEvent> gathered_;
  std::size_t gathered_bytes_ = 0;
};

// Why the database is frozen; none: it is not.
Result<std::optional<std::string>> frozen_because(const std::string& conninfo);
// From here on lanes may begin. Refused where it is not frozen.
Result<void> resume_log(const std::string& conninfo);

}  // namespace skald::store
