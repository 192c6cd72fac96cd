#include "eventstore/pg/statements.hpp"

namespace skald::store::statements {

using namespace pgtype;

// Each branch joins the fence, so a revoked writer inserts nothing anywhere. No row is touched by two
// branches: PostgreSQL would silently lose one of the two changes. start_key comes sorted: two lanes that
// insert the same keys in different orders would wait for each other. Rows to change are looked up one by one
// and then taken by their place: a plain join, planned while the tables are small, would look through them
// when they no longer are. The arrays are unnested in a select list, which hands their rows on one by one: in
// `from`, each array would be made a table first, a fifth of the statement's cost. A row that somebody else
// has locked is not waited for long: the whole lane would wait. A row that is not there has left with its
// saga's events (retention): the statement fails with SK002. Result: number of events, 0 = fenced; database
// time.
const Statement kAppend{"skald_append",
                        R"sql(
with fence as materialized (
  select writer, set_config('lock_timeout', '200ms', true) from skald.writer
  where writer = $1 and revoked_at is null and server_started_at = pg_postmaster_start_time()
  for share
),
appended as (
  insert into skald.event (partition, position, saga_id, version, type, time, data, writer)
  select e.partition, e.position, e.saga_id, e.version, e.type, e.time, e.data, fence.writer
  from fence, (select unnest($2) as partition, unnest($3) as position, unnest($4) as saga_id, unnest($5) as version,
                      unnest($6) as type, unnest($7) as time, unnest($8) as data) e
  returning 1
),
key_taken as (
  insert into skald.start_key (definition, key, saga_id, request_hash)
  select k.definition, k.key, k.saga_id, k.request_hash
  from fence, (select unnest($9) as definition, unnest($10) as key, unnest($11) as saga_id,
                      unnest($12) as request_hash) k
),
started as (
  insert into skald.saga (partition, saga_id, first_position, definition, definition_version, definition_hash,
                          business_key, start_key, status, started_at, updated_at, due_at, ended_at)
  select s.*
  from fence, (select unnest($13), unnest($14), unnest($15), unnest($16), unnest($17), unnest($18), unnest($19),
                      unnest($20), unnest($21), unnest($22), unnest($23), unnest($24), unnest($25)) s
),
changed as (
  update skald.saga
  set status = c.status, updated_at = c.updated_at, due_at = c.due_at, ended_at = c.ended_at
  from fence, (select unnest($26) as partition, unnest($27) as saga_id, unnest($28) as status,
                      unnest($29) as updated_at, unnest($30) as due_at, unnest($31) as ended_at) c,
       lateral (select coalesce((select ctid from skald.saga s
                                 where s.partition = c.partition and s.saga_id = c.saga_id limit 1),
                                skald.saga_has_left()) as place offset 0) found
  where saga.ctid = found.place
)
select count(*), clock_timestamp() from appended
)sql",
                        {kInt4,
                         kInt2Array,
                         kInt8Array,
                         kUuidArray,
                         kInt4Array,
                         kTextArray,
                         kTimestamptzArray,
                         kJsonArray,
                         kTextArray,
                         kTextArray,
                         kUuidArray,
                         kByteaArray,
                         kInt2Array,
                         kUuidArray,
                         kInt8Array,
                         kTextArray,
                         kInt4Array,
                         kTextArray,
                         kTextArray,
                         kTextArray,
                         kTextArray,
                         kTimestamptzArray,
                         kTimestamptzArray,
                         kTimestamptzArray,
                         kTimestamptzArray,
                         kInt2Array,
                         kUuidArray,
                         kTextArray,
                         kTimestamptzArray,
                         kTimestamptzArray,
                         kTimestamptzArray}};

// Of these sagas, those whose row somebody else has locked.
const Statement kFindLocked{"skald_find_locked",
                            R"sql(
select known.saga_id
from unnest($1, $2) as asked(partition, saga_id),
     lateral (select saga_id from skald.saga s
              where s.partition = asked.partition and s.saga_id = asked.saga_id limit 1) known
     left join lateral (select true as free from skald.saga s
                        where s.partition = asked.partition and s.saga_id = asked.saga_id
                        for no key update skip locked) own on true
where own.free is null
)sql",
                            {kInt2Array, kUuidArray}};

// Of these sagas, those that have no row: they left the log.
const Statement kFindLeft{"skald_find_left",
                          R"sql(
select asked.saga_id
from unnest($1, $2) as asked(partition, saga_id)
     left join lateral (select true as there from skald.saga s
                        where s.partition = asked.partition and s.saga_id = asked.saga_id limit 1) known on true
where known.there is null
)sql",
                          {kInt2Array, kUuidArray}};

// Also asks for generic plans on this connection, the one that appends: left to itself the server, which has
// seen small batches first, plans each append anew, at nearly the cost of running it. Where a pooler gives
// the connection to others or takes another one, nothing breaks.
const Statement kSetting{"skald_setting",
                         R"sql(
select partition_count, segment_positions, format, set_config('plan_cache_mode', 'force_generic_plan', false)
from skald.setting
)sql",
                         {}};

const Statement kEnter{"skald_enter",
                       "select writer, partition, kept from skald.enter($1, $2, $3, $4)",
                       {kText, kInt4, kInt4, kUuid}};

// Run only after the commit of the claim was acknowledged: in one statement with it, the tail would be read
// as of a time at which the old writer could still append, and come out too low.
const Statement kTails{"skald_tails",
                       R"sql(
select ownership.partition, tail.position, tail.time, clock_timestamp()
from skald.ownership left join lateral (
  select position, time from skald.event
  where event.partition = ownership.partition
  order by position desc limit 1
) tail on true
where ownership.writer = $1
)sql",
                       {kInt4}};

const Statement kProbe{"skald_probe",
                       R"sql(
select exists (select from skald.event
               where partition = $1::integer::smallint and position = $2 and saga_id = $3 and version = $4 and writer = $5)
)sql",
                       {kInt4, kInt8, kUuid, kInt4, kInt4}};

const Statement kMakeSegments{"skald_make_segments", "select skald.make_segments($1)", {kInt8}};

const Statement kBeat{
    "skald_beat", "select stands, claimable, at from skald.beat($1, $2, $3)", {kInt4, kInt4, kInt4}};

const Statement kTakeOver{"skald_take_over", "select skald.take_over($1, $2, $3)", {kInt4, kInt4, kInt4}};

const Statement kRevoke{"skald_revoke", "select skald.revoke(array[$1])", {kInt4}};

// The position of the first event keeps the look-up out of all segments that are older than the saga.
const Statement kReadSaga{"skald_read_saga",
                          R"sql(
select saga_id, version, partition, position, type, data, time, writer
from skald.event
where saga_id = $2 and version > $3
  and position >= (select first_position from skald.saga where partition = $1::integer::smallint and saga_id = $2)
order by version
limit $4
)sql",
                          {kInt4, kUuid, kInt4, kInt8}};

const Statement kReadPartition{"skald_read_partition",
                               R"sql(
select saga_id, version, partition, position, type, data, time, writer
from skald.event
where partition = $1::integer::smallint and position > $2
order by position
limit $3
)sql",
                               {kInt4, kInt8, kInt8}};

#define SKALD_SAGA_COLUMNS                                                                             \
  "saga.saga_id, saga.definition, saga.definition_version, saga.definition_hash, saga.business_key, "  \
  "saga.start_key, start_key.request_hash, saga.status, saga.due_at, saga.ended_at, saga.started_at, " \
  "saga.updated_at"
#define SKALD_WITH_START_KEY \
  " left join skald.start_key on start_key.definition = saga.definition and start_key.key = saga.start_key "

const Statement kFindSaga{"skald_find_saga",
                          "select " SKALD_SAGA_COLUMNS " from skald.saga" SKALD_WITH_START_KEY
                          "where saga.partition = $1::integer::smallint and saga.saga_id = $2",
                          {kInt4, kUuid}};

// The key of a saga begins with its partition, so "newest first" over all of them is the merge of the newest
// of each: a short scan per partition, then the best of those.
#define SKALD_LIST(OPEN)                                                                   \
  "select " SKALD_SAGA_COLUMNS                                                             \
  " from (select newest.* from unnest($1) as p(partition) cross join lateral ("            \
  "   select * from skald.saga"                                                            \
  "   where saga.partition = p.partition"                                                  \
  "     and saga_id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)"          \
  "     and ($4 is null or definition = $4) and ($5 is null or status = any($5))"          \
  "     and ($6 is null or business_key = $6)"                                             \
  "     and ($7 is null or started_at > $7) and ($8 is null or started_at < $8) and " OPEN \
  "   order by saga_id desc limit $3) newest order by newest.saga_id desc limit $3) "      \
  "saga" SKALD_WITH_START_KEY "order by saga.saga_id desc"

const Statement kListSagas{
    "skald_list_sagas",
    SKALD_LIST("($9 is null or (ended_at is not null) = $9)"),
    {kInt2Array, kUuid, kInt8, kText, kTextArray, kText, kTimestamptz, kTimestamptz, kBool}};

const Statement kListOpenSagas{
    "skald_list_open_sagas",
    SKALD_LIST("ended_at is null"),
    {kInt2Array, kUuid, kInt8, kText, kTextArray, kText, kTimestamptz, kTimestamptz}};

const Statement kFindStartKeys{"skald_find_start_keys",
                               R"sql(
select found.definition, found.key, found.saga_id, found.request_hash
from unnest($1, $2) as asked(definition, key), lateral (
  select * from skald.start_key k where k.definition = asked.definition and k.key = asked.key limit 1
) found
)sql",
                               {kTextArray, kTextArray}};

// Both are exactly the partial index saga_open.
const Statement kListRunning{"skald_list_running",
                             R"sql(
select running.saga_id
from unnest($1) as p(partition) cross join lateral (
  select saga_id from skald.saga
  where saga.partition = p.partition and ended_at is null and due_at is null
    and saga_id > coalesce($2, '00000000-0000-0000-0000-000000000000'::uuid)
  order by saga_id limit $3
) running
order by running.saga_id
limit $3
)sql",
                             {kInt2Array, kUuid, kInt8}};

const Statement kListDue{"skald_list_due",
                         R"sql(
select saga_id from skald.saga
where partition = any($1) and ended_at is null and due_at <= $2
limit $3
)sql",
                         {kInt2Array, kTimestamptz, kInt8}};

const Statement kPutDefinition{"skald_put_definition",
                               R"sql(
insert into skald.definition (name, version, hash, canonical, source)
select $1, coalesce(max(version), 0) + 1, $2, $3, $4 from skald.definition where name = $1
having (array_agg(hash order by version desc))[1] is distinct from $2
on conflict (name, version) do nothing
)sql",
                               {kText, kText, kText, kText}};

const Statement kNewestDefinition{"skald_newest_definition",
                                  R"sql(
select name, version, hash, canonical, source, created_at from skald.definition
where name = $1 order by version desc limit 1
)sql",
                                  {kText}};

const Statement kListDefinitions{"skald_list_definitions",
                                 R"sql(
select name, version, hash, canonical, source, created_at from skald.definition
where (select count(*) from skald.definition) <> $1
order by created_at, name, version
)sql",
                                 {kInt8}};

}  // namespace skald::store::statements
