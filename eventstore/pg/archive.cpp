#include "eventstore/pg/archive.hpp"

#include <algorithm>
#include <utility>

#include "eventstore/pg/connection.hpp"
#include "eventstore/pg/stored_rows.hpp"

namespace skald::store {

namespace {

using namespace pgtype;

// A statement reads so many positions: it is over soon, and old rows that updates left behind it can go.
constexpr std::int64_t kPositionsAtOnce = 5'000;
// So many sagas are read at one moment.
constexpr std::int64_t kSagasOfAPage = 200;

// The lock comes before the snapshot: retention, which exchanges tables, then comes before both or after
// both.
constexpr auto kOneMoment =
    "begin isolation level repeatable read read only; lock table only skald.event in access share mode";

#define SKALD_EVENT_COLUMNS                                                                             \
  "event.saga_id, event.version, event.partition, event.position, event.type, event.data, event.time, " \
  "event.writer"

const Statement kHeads{"",
                       R"sql(
select ownership.partition, coalesce(tail.position, 0), ownership.writer
from skald.ownership left join lateral (
  select position from skald.event where event.partition = ownership.partition order by position desc limit 1
) tail on true
order by ownership.partition
)sql",
                       {}};

const Statement kKeptBelow{"", "select coalesce(max(end_position), 1) from skald.segment where kept", {}};

const Statement kDefinitions{"",
                             R"sql(
select name, version, hash, canonical, source, created_at from skald.definition order by name, version
)sql",
                             {}};

const Statement kViews{"",
                       R"sql(
select distinct on (view) view, source from skald.view_generation
where retired_at is null and dropped_at is null order by view, generation desc
)sql",
                       {}};
const Statement kViewSkips{"",
                           R"sql(
select view, hash, partition, position, skipped_by, reason, skipped_at
from skald.view_skip order by view, hash, partition, position
)sql",
                           {}};

const Statement kWriters{"",
                         R"sql(
select writer, node, lane, incarnation::text, registered_at, revoked_at from skald.writer order by writer
)sql",
                         {}};

const Statement kEvents{"",
                        "select " SKALD_EVENT_COLUMNS R"sql(
from skald.event
where partition = $1::integer::smallint and position > $2 and position <= $3
order by position
)sql",
                        {kInt4, kInt8, kInt8}};

const Statement kPlaces{"",
                        R"sql(
select position, saga_id, version, writer, time
from skald.event
where partition = $1::integer::smallint and position > $2 and position <= $3
order by position
)sql",
                        {kInt4, kInt8, kInt8}};

// Columns of a kept saga: those of read_saga_row, then first position, and who has its start key.
#define SKALD_KEPT_SAGA                                                                                  \
  "select saga.saga_id, saga.definition, saga.definition_version, saga.definition_hash, "                \
  "saga.business_key, saga.start_key, start_key.request_hash, saga.status, saga.due_at, saga.ended_at, " \
  "saga.started_at, saga.updated_at, saga.first_position, start_key.saga_id "                            \
  "from skald.saga left join skald.start_key "                                                           \
  "on start_key.definition = saga.definition and start_key.key = saga.start_key "

const Statement kSagas{"",
                       SKALD_KEPT_SAGA R"sql(
where saga.partition = $1::integer::smallint
  and saga.saga_id > coalesce($2, '00000000-0000-0000-0000-000000000000'::uuid)
order by saga.saga_id limit $3
)sql",
                       {kInt4, kUuid, kInt8}};

const Statement kSaga{"",
                      SKALD_KEPT_SAGA R"sql(
where saga.partition = $1::integer::smallint and saga.saga_id = $2
)sql",
                      {kInt4, kUuid}};

// By a hash of their ids: the same ones whenever it is asked, and from all times.
const Statement kSample{"",
                        R"sql(
select saga_id from skald.saga where definition = $1 order by md5(saga_id::text) limit nullif($2, 0)
)sql",
                        {kText, kInt8}};

const Statement kEventsOfSagas{"",
                               "select " SKALD_EVENT_COLUMNS R"sql(
from skald.event
where partition = $1::integer::smallint and saga_id = any($2) and position >= $3
order by saga_id, version, position
)sql",
                               {kInt4, kUuidArray, kInt8}};

const Statement kStrays{"",
                        R"sql(
select saga_id, min(position), count(*)
from skald.event
where partition = $1::integer::smallint and position > $2 and position <= $3
  and not exists (select from skald.saga
                  where saga.partition = event.partition and saga.saga_id = event.saga_id)
group by saga_id order by 2
)sql",
                        {kInt4, kInt8, kInt8}};

const Statement kStrayStartKeys{"",
                                R"sql(
select definition, key, saga_id from skald.start_key
where not exists (select from skald.saga
                  where saga.partition = ('x' || right(start_key.saga_id::text, 4))::bit(16)::integer::smallint
                    and saga.saga_id = start_key.saga_id and saga.definition = start_key.definition
                    and saga.start_key = start_key.key)
order by definition, key
)sql",
                                {}};

#define SKALD_FILTERED                                                                      \
  "($3::uuid is null or event.saga_id = $3) and ($4::text is null or event.type = $4) and " \
  "($5::text is null or saga.definition = $5) "
#define SKALD_NAMED_EVENTS                                                                \
  "select found.* from unnest($1, $2) as asked(partition, position) cross join lateral (" \
  "select " SKALD_EVENT_COLUMNS                                                           \
  ", saga.definition from skald.event join skald.saga using (partition, saga_id) "        \
  "where event.partition = asked.partition and "

const Statement kBehind{
    "",
    SKALD_NAMED_EVENTS
    "event.position > asked.position and " SKALD_FILTERED
    "order by event.position limit $6) found order by found.time, found.partition, found.position",
    {kInt2Array, kInt8Array, kUuid, kText, kText, kInt8}};
const Statement kLast{
    "",
    SKALD_NAMED_EVENTS
    "event.position <= asked.position and " SKALD_FILTERED
    "order by event.position desc limit $6) found order by found.time, found.partition, found.position",
    {kInt2Array, kInt8Array, kUuid, kText, kText, kInt8}};

std::int32_t number_for_sql(Partition partition) {
  return partition.number;
}

}  // namespace

Result<Archive> Archive::open(const std::string& conninfo) {
  auto database = BlockingConnection::open(conninfo);
  if (!database) return database.error();
  const auto count = database->value("select partition_count from skald.setting");
  if (!count) return conflict("this database has no log of this version of Skald: run skald migrate");
  return Archive(std::move(*database), std::stoi(*count));
}

Result<std::vector<std::int64_t>> Archive::heads() {
  return all<std::int64_t>(kHeads, [](const Rows& rows, int row) { return rows.int8(row, 1); });
}

Result<std::int64_t> Archive::kept_below() {
  const auto rows = database_.query(kKeptBelow);
  return rows ? Result<std::int64_t>(rows->int8(0, 0)) : rows.error();
}

Result<std::vector<std::optional<std::int32_t>>> Archive::owners() {
  return all<std::optional<std::int32_t>>(kHeads, [](const Rows& rows, int row) {
    return rows.is_null(row, 2) ? std::nullopt : std::optional(rows.int4(row, 2));
  });
}

Result<std::vector<DefinitionRow>> Archive::definitions() {
  return all<DefinitionRow>(kDefinitions, read_definition_row);
}

Result<std::vector<Archive::KeptView>> Archive::views() {
  return all<KeptView>(kViews, [](const Rows& rows, int row) {
    return KeptView{rows.text(row, 0), rows.text(row, 1)};
  });
}

Result<std::vector<ViewSkip>> Archive::view_skips() {
  return all<ViewSkip>(kViewSkips, [](const Rows& rows, int row) {
    return ViewSkip{rows.text(row, 0), rows.text(row, 1), {rows.partition(row, 2), rows.int8(row, 3)},
                    rows.text(row, 4), rows.text(row, 5), rows.time(row, 6)};
  });
}

Result<std::vector<WriterRow>> Archive::writers() {
  return all<WriterRow>(kWriters, [](const Rows& rows, int row) {
    return WriterRow{rows.int4(row, 0), rows.text(row, 1), rows.int4(row, 2),
                     rows.text(row, 3), rows.time(row, 4), rows.optional_time(row, 5)};
  });
}

template <class T, class Read>
Result<std::vector<T>> Archive::all(const Statement& statement, Read read) {
  const auto rows = database_.query(statement);
  return rows ? Result<std::vector<T>>(rows->each(read)) : rows.error();
}

namespace {

// Page by page: a long partition is many short statements.
Result<void> read_by_pages(BlockingConnection& database, const Statement& statement, Partition partition,
                           std::int64_t after, std::int64_t up_to,
                           const std::function<Result<void>(const Rows&)>& take) {
  for (std::int64_t from = after; from < up_to; from += kPositionsAtOnce) {
    Parameters asked;
    asked.add(number_for_sql(partition)).add(from).add(std::min(up_to, from + kPositionsAtOnce));
    if (auto page = database.stream(statement, asked, take); !page) return page;
  }
  return {};
}

KeptSaga read_kept_saga(const Rows& rows, int row) {
  KeptSaga saga{read_saga_row(rows, row), rows.int8(row, 12), std::nullopt, {}};
  if (!rows.is_null(row, 13)) saga.start_key = StartKeyTaken{rows.saga_id(row, 13), rows.hash(row, 6)};
  return saga;
}

}  // namespace

Result<void> Archive::events(Partition partition, std::int64_t after, std::int64_t up_to,
                             Take<StoredEvent> take) {
  return read_by_pages(database_, kEvents, partition, after, up_to,
                       [&](const Rows& rows) { return take(read_event_row(rows, 0)); });
}

Result<void> Archive::places(Partition partition, std::int64_t after, std::int64_t up_to,
                             Take<EventPlaced> take) {
  return read_by_pages(database_, kPlaces, partition, after, up_to, [&](const Rows& rows) {
    return take(EventPlaced{
        {partition, rows.int8(0, 0)}, rows.saga_id(0, 1), rows.int4(0, 2), rows.int4(0, 3), rows.time(0, 4)});
  });
}

Result<void> Archive::strays(Partition partition, std::int64_t after, std::int64_t up_to, Take<Stray> take) {
  return read_by_pages(database_, kStrays, partition, after, up_to, [&](const Rows& rows) {
    return take({"saga " + to_text(rows.saga_id(0, 0)) + " has events (the first at " +
                 to_text(Position{partition, rows.int8(0, 1)}) + ") and no row"});
  });
}

Result<void> Archive::stray_start_keys(Take<Stray> take) {
  return database_.stream(kStrayStartKeys, {}, [&](const Rows& rows) {
    return take({"the start key " + rows.text(0, 1) + " of " + rows.text(0, 0) + " is kept for saga " +
                 to_text(rows.saga_id(0, 2)) + ", which does not have it"});
  });
}

Result<void> Archive::sagas(Partition partition, Take<KeptSaga> take) {
  std::optional<SagaId> after;
  do {
    auto last = page_of_sagas(partition, after, take);
    if (!last) return last.error();
    after = *last;
  } while (after);
  return {};
}

// Rows and events at one moment: an append writes both in one statement.
Result<std::optional<SagaId>> Archive::page_of_sagas(Partition partition, const std::optional<SagaId>& after,
                                                     const Take<KeptSaga>& take) {
  if (auto begun = database_.run(kOneMoment); !begun) return begun.error();
  Parameters asked;
  asked.add(number_for_sql(partition)).add(after).add(kSagasOfAPage);
  const auto rows = database_.query(kSagas, asked);
  if (!rows) return rows.error();
  std::vector<KeptSaga> page = rows->each(read_kept_saga);
  const bool more = rows->count() == kSagasOfAPage;
  const auto last = more ? std::optional(page.back().row.id) : std::nullopt;
  if (auto all = kept(partition, page, take); !all) return all.error();
  return last;
}

// Ends the transaction, whatever comes of it.
Result<void> Archive::kept(Partition partition, std::vector<KeptSaga>& sagas, const Take<KeptSaga>& take) {
  const auto done = sagas.empty() ? Result<void>() : with_events(partition, sagas, take);
  const auto ended = database_.run("commit");
  if (!done) return done;
  return ended ? Result<void>() : ended.error();
}

// `sagas` in the order of their ids, each handed on with its events.
Result<void> Archive::with_events(Partition partition, std::vector<KeptSaga>& sagas,
                                  const Take<KeptSaga>& take) {
  ArrayParameter ids(kUuid);
  std::int64_t first = sagas.front().first_position;
  for (const KeptSaga& saga : sagas) {
    ids.add(saga.row.id);
    first = std::min(first, saga.first_position);
  }
  Parameters asked;
  asked.add(number_for_sql(partition)).add(std::move(ids)).add(first);
  std::size_t at = 0;
  const auto hand_on_before = [&](const SagaId& id) -> Result<void> {
    while (at < sagas.size() && sagas[at].row.id < id)
      if (auto taken = take(std::move(sagas[at++])); !taken) return taken;
    return {};
  };
  const auto read = database_.stream(kEventsOfSagas, asked, [&](const Rows& rows) -> Result<void> {
    StoredEvent event = read_event_row(rows, 0);
    if (auto taken = hand_on_before(event.saga); !taken) return taken;
    sagas[at].events.push_back(std::move(event));
    return {};
  });
  if (!read) return read;
  while (at < sagas.size())
    if (auto taken = take(std::move(sagas[at++])); !taken) return taken;
  return {};
}

Result<std::optional<KeptSaga>> Archive::saga(SagaId id) {
  if (auto begun = database_.run(kOneMoment); !begun) return begun.error();
  Parameters asked;
  asked.add(number_for_sql(id.partition())).add(id);
  const auto rows = database_.query(kSaga, asked);
  if (!rows) return rows.error();
  std::vector<KeptSaga> page;
  if (rows->count() > 0) page.push_back(read_kept_saga(*rows, 0));
  std::optional<KeptSaga> found;
  const auto read = kept(id.partition(), page, [&](KeptSaga saga) -> Result<void> {
    found = std::move(saga);
    return {};
  });
  if (!read) return read.error();
  return found;
}

Result<void> Archive::sample(const std::string& definition, std::size_t count, Take<KeptSaga> take) {
  std::vector<SagaId> ids;
  Parameters asked;
  asked.add(definition).add(static_cast<std::int64_t>(count));
  const auto listed = database_.stream(kSample, asked, [&](const Rows& rows) -> Result<void> {
    ids.push_back(rows.saga_id(0, 0));
    return {};
  });
  if (!listed) return listed;
  for (const SagaId& id : ids) {
    auto found = saga(id);
    if (!found) return found.error();
    if (!*found) continue;  // gone meanwhile
    if (auto taken = take(std::move(**found)); !taken) return taken;
  }
  return {};
}

Result<std::vector<Archive::Named>> Archive::named(const Statement& statement,
                                                   const std::vector<std::int64_t>& positions,
                                                   const EventFilter& filter, std::size_t limit) {
  ArrayParameter partitions(kInt2), from(kInt8);
  for (std::size_t partition = 0; partition < positions.size(); ++partition) {
    if (filter.saga && filter.saga->partition().number != partition) continue;
    partitions.add(static_cast<std::int16_t>(partition));
    from.add(positions[partition]);
  }
  Parameters asked;
  asked.add(std::move(partitions)).add(std::move(from)).add(filter.saga);
  asked.add(filter.type).add(filter.definition).add(static_cast<std::int64_t>(limit));
  std::vector<Named> found;
  const auto read = database_.stream(statement, asked, [&](const Rows& rows) -> Result<void> {
    found.push_back({read_event_row(rows, 0), rows.text(0, 8)});
    return {};
  });
  if (!read) return read.error();
  return found;
}

Result<std::vector<Archive::Named>> Archive::behind(const std::vector<std::int64_t>& positions,
                                                    const EventFilter& filter, std::size_t limit) {
  return named(kBehind, positions, filter, limit);
}

Result<std::vector<Archive::Named>> Archive::last(const std::vector<std::int64_t>& heads,
                                                  const EventFilter& filter, std::size_t limit) {
  auto found = named(kLast, heads, filter, limit);
  // As many of each partition as of all of them together: those that are too old go.
  if (found && found->size() > limit)
    found->erase(found->begin(), found->end() - static_cast<std::ptrdiff_t>(limit));
  return found;
}

}  // namespace skald::store
