#include "eventstore/pg/log_import.hpp"

#include <algorithm>
#include <utility>

#include "eventstore/pg/connection.hpp"
#include "eventstore/pg/stored_rows.hpp"
#include "eventstore/pg/view_sql.hpp"
#include "eventstore/pg/view_statements.hpp"

namespace skald::store {

namespace {

using namespace pgtype;

constexpr std::size_t kEventsAtOnce = 1'000;
constexpr std::size_t kBytesAtOnce = 4u << 20;
constexpr std::size_t kRowsAtOnce = 1'000;

const Statement kAddDefinition{"",
                               R"sql(
insert into skald.definition (name, version, hash, canonical, source, created_at) values ($1, $2, $3, $4, $5, $6)
)sql",
                               {kText, kInt4, kText, kText, kText, kTimestamptz}};

// Its lane is gone: what it has not written before, it never will.
const Statement kAddWriter{"",
                           R"sql(
insert into skald.writer (writer, node, lane, incarnation, registered_at, revoked_at)
overriding system value values ($1, $2, $3, $4::text::uuid, $5, clock_timestamp())
)sql",
                           {kInt4, kText, kInt4, kText, kTimestamptz}};

const Statement kAddViewSkip{"",
                             R"sql(
insert into skald.view_skip (view, hash, partition, position, skipped_by, reason, skipped_at)
values ($1, $2, $3::integer::smallint, $4, $5, $6, $7)
)sql",
                             {kText, kText, kInt4, kInt8, kText, kText, kTimestamptz}};

const Statement kAddEvents{
    "",
    R"sql(
insert into skald.event (partition, position, saga_id, version, type, time, data, writer)
select * from unnest($1, $2, $3, $4, $5, $6, $7, $8)
)sql",
    {kInt2Array, kInt8Array, kUuidArray, kInt4Array, kTextArray, kTimestamptzArray, kJsonArray, kInt4Array}};

const Statement kAddSagas{
    "",
    R"sql(
insert into skald.saga (partition, saga_id, first_position, definition, definition_version, definition_hash,
                        business_key, start_key, status, started_at, updated_at, due_at, ended_at)
select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
)sql",
    {kInt2Array, kUuidArray, kInt8Array, kTextArray, kInt4Array, kTextArray, kTextArray, kTextArray,
     kTextArray, kTimestamptzArray, kTimestamptzArray, kTimestamptzArray, kTimestamptzArray}};

const Statement kAddStartKeys{"",
                              R"sql(
insert into skald.start_key (definition, key, saga_id, request_hash) select * from unnest($1, $2, $3, $4)
)sql",
                              {kTextArray, kTextArray, kUuidArray, kByteaArray}};

// Sorted by saga on the server's disk, and fetched piece by piece.
constexpr auto kDeclare = R"sql(
declare rebuild no scroll cursor for
select saga_id, version, partition, position, type, data, time, writer
from skald.event order by partition, saga_id, version
)sql";
const Statement kFetch{"", "fetch 2000 from rebuild", {}};

// What a database that nothing ever happened on has none of.
constexpr auto kFirstThing = R"sql(
select coalesce(
  (select 'events' from skald.event limit 1), (select 'sagas' from skald.saga limit 1),
  (select 'start keys' from skald.start_key limit 1), (select 'definitions' from skald.definition limit 1),
  (select 'writers: a node has begun on it' from skald.writer limit 1), '')
)sql";

Result<void> none_or_error(const Result<Rows>& rows) {
  return rows ? Result<void>() : rows.error();
}

}  // namespace

Result<LogImport> LogImport::begin(const std::string& conninfo, const std::vector<std::int64_t>& heads,
                                   std::int64_t kept_below) {
  auto opened = BlockingConnection::open(conninfo);
  if (!opened) return opened.error();
  LogImport import(std::move(*opened));
  auto& database = import.database_;
  // A lane that registers meanwhile waits for the lock, and then finds the database frozen.
  if (auto begun = database.run("begin; lock table skald.writer in share row exclusive mode"); !begun)
    return conflict("this database has no log of this version of Skald: run skald migrate (" +
                    begun.error().message + ")");
  const auto count = database.value("select partition_count from skald.setting");
  if (!count) return count.error();
  const auto partitions = std::to_string(heads.size());
  if (*count != partitions)
    return conflict("the log has " + partitions + " partitions and this database " + *count +
                    ": create another one, with skald migrate --partitions " + partitions);
  const auto found = database.value(kFirstThing);
  if (!found) return found.error();
  if (!found->empty()) return conflict("a log is imported into an empty database; this one has " + *found);
  if (kept_below > 1) {
    const auto kept = database.run("select skald.begin_kept($1)", {std::to_string(kept_below)});
    if (!kept) return kept.error();
  }
  const std::int64_t highest = heads.empty() ? 0 : *std::max_element(heads.begin(), heads.end());
  const auto made =
      database.run("select skald.make_segments($1::bigint + segment_positions) from skald.setting",
                   {std::to_string(highest)});
  if (!made) return made.error();
  return import;
}

Result<void> LogImport::add(const DefinitionRow& definition) {
  Parameters row;
  row.add(definition.name).add(definition.version).add(definition.hash).add(definition.canonical);
  row.add(definition.source).add(definition.created_at);
  return none_or_error(database_.query(kAddDefinition, row));
}

Result<void> LogImport::add(const WriterRow& writer) {
  Parameters row;
  row.add(writer.writer).add(writer.node).add(writer.lane).add(writer.incarnation).add(writer.registered_at);
  return none_or_error(database_.query(kAddWriter, row));
}

Result<void> LogImport::add(const ViewSkip& skip) {
  Parameters row;
  row.add(skip.view).add(skip.hash).add(static_cast<std::int32_t>(skip.place.partition.number));
  row.add(skip.place.number).add(skip.by).add(skip.reason).add(skip.at);
  return none_or_error(database_.query(kAddViewSkip, row));
}

Result<void> LogImport::add(const NewView& view) {
  return none_or_error(database_.query(statements::kMakeGeneration, view_sql::generation_parameters(view)));
}

Result<void> LogImport::add(StoredEvent event) {
  gathered_bytes_ += event.payload.size();
  gathered_.push_back(std::move(event));
  if (gathered_.size() < kEventsAtOnce && gathered_bytes_ < kBytesAtOnce) return {};
  return write_events();
}

Result<void> LogImport::write_events() {
  if (gathered_.empty()) return {};
  ArrayParameter partition(kInt2), position(kInt8), saga(kUuid), version(kInt4), type(kText),
      time(kTimestamptz), payload(kJson), writer(kInt4);
  for (const StoredEvent& event : std::exchange(gathered_, {})) {
    partition.add(static_cast<std::int16_t>(event.position.partition.number));
    position.add(event.position.number);
    saga.add(event.saga);
    version.add(event.version);
    type.add(std::string_view(event.type));
    time.add(event.time);
    payload.add(std::string_view(event.payload));
    writer.add(event.writer);
  }
  gathered_bytes_ = 0;
  Parameters rows;
  rows.add(std::move(partition)).add(std::move(position)).add(std::move(saga)).add(std::move(version));
  rows.add(std::move(type)).add(std::move(time)).add(std::move(payload)).add(std::move(writer));
  return none_or_error(database_.query(kAddEvents, rows));
}

Result<void> LogImport::rebuild(
    const std::function<Result<RebuiltSaga>(SagaId, const std::vector<StoredEvent>&)>& fold) {
  if (auto written = write_events(); !written) return written;
  if (auto declared = database_.run(kDeclare); !declared) return declared.error();
  std::vector<StoredEvent> events;
  std::vector<RebuiltSaga> sagas;
  const auto end_of_saga = [&]() -> Result<void> {
    auto rebuilt = fold(events.front().saga, events);
    if (!rebuilt) return rebuilt.error();
    sagas.push_back(std::move(*rebuilt));
    events.clear();
    return sagas.size() < kRowsAtOnce ? Result<void>() : write_rows(sagas);
  };
  for (;;) {
    const auto rows = database_.query(kFetch);
    if (!rows) return rows.error();
    if (rows->count() == 0) break;
    for (int row = 0; row < rows->count(); ++row) {
      if (!events.empty() && events.front().saga != rows->saga_id(row, 0))
        if (auto ended = end_of_saga(); !ended) return ended;
      events.push_back(read_event_row(*rows, row));
    }
  }
  if (!events.empty())
    if (auto ended = end_of_saga(); !ended) return ended;
  if (auto closed = database_.run("close rebuild"); !closed) return closed.error();
  return write_rows(sagas);
}

Result<void> LogImport::write_rows(std::vector<RebuiltSaga>& sagas) {
  ArrayParameter partition(kInt2), id(kUuid), first(kInt8), definition(kText), version(kInt4), hash(kText),
      key(kText), start_key(kText), status(kText), started(kTimestamptz), updated(kTimestamptz),
      due(kTimestamptz), ended(kTimestamptz);
  ArrayParameter key_definition(kText), key_text(kText), key_saga(kUuid), key_hash(kBytea);
  for (const auto& [row, first_position] : std::exchange(sagas, {})) {
    partition.add(static_cast<std::int16_t>(row.id.partition().number));
    id.add(row.id);
    first.add(first_position);
    definition.add(std::string_view(row.start.definition));
    version.add(row.start.definition_version);
    hash.add(std::string_view(row.start.definition_hash));
    key.add(std::string_view(row.start.business_key));
    start_key.add(row.start.start_key ? std::optional<std::string_view>(*row.start.start_key) : std::nullopt);
    status.add(std::string_view(row.status.status));
    started.add(row.started_at);
    updated.add(row.updated_at);
    due.add(row.status.due_at);
    ended.add(row.status.ended_at);
    if (!row.start.start_key) continue;
    const auto* bytes = reinterpret_cast<const char*>(row.start.request_hash.data());
    key_definition.add(std::string_view(row.start.definition));
    key_text.add(std::string_view(*row.start.start_key));
    key_saga.add(row.id);
    key_hash.add(std::string_view(bytes, row.start.request_hash.size()));
  }
  Parameters rows;
  rows.add(std::move(partition)).add(std::move(id)).add(std::move(first)).add(std::move(definition));
  rows.add(std::move(version)).add(std::move(hash)).add(std::move(key)).add(std::move(start_key));
  rows.add(std::move(status)).add(std::move(started)).add(std::move(updated)).add(std::move(due));
  rows.add(std::move(ended));
  if (auto written = database_.query(kAddSagas, rows); !written) return written.error();
  Parameters keys;
  keys.add(std::move(key_definition))
      .add(std::move(key_text))
      .add(std::move(key_saga))
      .add(std::move(key_hash));
  return none_or_error(database_.query(kAddStartKeys, keys));
}

Result<void> LogImport::commit(const std::string& why_frozen) {
  const auto numbered = database_.run(
      "select setval(pg_get_serial_sequence('skald.writer', 'writer'), coalesce(max(writer), 0) + 1, false) "
      "from skald.writer");
  if (!numbered) return numbered.error();
  const auto frozen = database_.run("update skald.setting set frozen = $1", {why_frozen});
  if (!frozen) return frozen.error();
  const auto committed = database_.run("commit");
  return committed ? Result<void>() : committed.error();
}

Result<std::optional<std::string>> frozen_because(const std::string& conninfo) {
  auto database = BlockingConnection::open(conninfo);
  if (!database) return database.error();
  const auto rows = database->run("select frozen from skald.setting");
  if (!rows) return rows.error();
  return rows->empty() ? std::optional<std::string>() : rows->front().front();
}

Result<void> resume_log(const std::string& conninfo) {
  auto database = BlockingConnection::open(conninfo);
  if (!database) return database.error();
  const auto resumed =
      database->run("update skald.setting set frozen = null where frozen is not null returning 1");
  if (!resumed) return resumed.error();
  if (resumed->empty()) return conflict("this database is not frozen");
  return {};
}

}  // namespace skald::store
