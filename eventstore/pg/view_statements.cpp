#include "eventstore/pg/view_statements.hpp"

#include "eventstore/pg/view_sql.hpp"

namespace skald::store {

namespace statements {

using namespace pgtype;

const Statement kPartitionCount{"skald_partition_count", "select partition_count from skald.setting", {}};

// One row at least where the revision is another one, with nulls where there is no view.
const Statement kListViews{"skald_list_views",
                           R"sql(
select r.revision, g.generation, g.view, g.hash, g.source, g.generation = v.active, g.indexed,
       g.stopped_partition, g.stopped_position, g.stopped_reason, g.made_at,
       g.rows_before, g.rows_after, g.rows_different,
       (select string_agg(s.partition || '-' || s.position, ' ') from skald.view_skip s
        where s.view = g.view and s.hash = g.hash)
from skald.view_revision r
     left join (skald.view_generation g join skald.view v on v.name = g.view and g.retired_at is null and g.dropped_at is null)
     on true
where r.revision <> $1
order by g.generation
)sql",
                           {kInt8}};

// Both run or neither does: what is not allowed is an error.
const Statement kMakeGeneration{"skald_make_generation",
                                "select made.generation, made.made "
                                "from skald.may_rebuild($1, $2, $5, $6) allowed, "
                                "lateral skald.make_generation($1, $2, $3, $4, $5 and allowed) made",
                                {kText, kText, kText, kText, kBool, kBool}};
const Statement kIndexGeneration{
    "skald_index_generation", "select skald.index_generation($1, $2)", {kInt8, kTextArray}};
const Statement kCompare{"skald_compare", "select skald.compare_generation($1, $2)", {kInt8, kText}};
const Statement kSwitchView{"skald_switch_view", "select skald.switch_view($1)", {kInt8}};
const Statement kShowView{"skald_show_view", "select skald.show_view($1, $2)", {kText, kText}};
const Statement kDropGenerations{
    "skald_drop_generations", "select skald.drop_generations($1 * interval '1 millisecond')", {kInt8}};
const Statement kStopView{
    "skald_stop_view", "select skald.stop_view($1, $2::smallint, $3, $4)", {kInt8, kInt4, kInt8, kText}};
const Statement kSkipEvent{"skald_skip_event",
                           "select skald.skip_event($1, $2::smallint, $3, $4, $5)",
                           {kInt8, kInt4, kInt8, kText, kText}};

const Statement kCheckpoints{"skald_checkpoints",
                             R"sql(
select c.generation, c.partition, c.position, c.target
from skald.view_generation g cross join unnest($1) as p(partition)
     join skald.view_checkpoint c on c.generation = g.generation and c.partition = p.partition
where g.retired_at is null and g.dropped_at is null
)sql",
                             {kInt2Array}};

#define SKALD_HEAD_OF(PARTITION)                                         \
  "(select e.position from skald.event e where e.partition = " PARTITION \
  " order by e.position desc limit "                                     \
  "1)"

const Statement kProgress{"skald_progress",
                          "select sum(c.position)::bigint, sum(c.target)::bigint, "
                          "sum(coalesce(" SKALD_HEAD_OF("c.partition") ", 0))::bigint, "
                          "bool_and(c.position >= c.target), "
                          "min((select e.time from skald.event e where e.partition = c.partition "
                          "     and e.position = c.position + 1)), clock_timestamp() "
                          "from skald.view_checkpoint c where c.generation = $1 having count(*) > 0",
                          {kInt8}};

const Statement kHeads{"skald_heads",
                       "select coalesce(" SKALD_HEAD_OF("p.partition") ", 0) "
                       "from unnest($1) with ordinality as p(partition, place) order by place",
                       {kInt2Array}};

bool is_slow(const Statement& statement) {
  return &statement == &kIndexGeneration || &statement == &kCompare;
}

const Statement kBegin{"skald_begin", "begin", {}};
// For this transaction alone. A generation is empty when its first batches come, and the plans that are made
// then are kept: they must not read tables as a whole. And nobody waits for the disk: rows and checkpoints
// are written together, so a server that loses the last moments of them has them folded again from the log.
const Statement kByIndex{"skald_by_index",
                         "select set_config('enable_seqscan', 'off', true), "
                         "set_config('synchronous_commit', 'off', true)",
                         {}};
const Statement kCommit{"skald_commit", "commit", {}};
const Statement kRollback{"skald_rollback", "rollback", {}};

// Checkpoints are compared and set; the event at the end of each advance must be the one that was folded, for
// what a lane told may be gone after a fail-over. Rows are looked up one by one and taken by their place, as
// in the append. They come sorted, so two that move the same checkpoints do not wait for each other in a
// circle.
const Statement kAdvance{
    "skald_advance",
    R"sql(
with moved as (
  update skald.view_checkpoint
  set position = n.upto
  from unnest($1, $2, $3, $4) as n(generation, partition, since, upto),
       lateral (select ctid as place from skald.view_checkpoint c
                where c.generation = n.generation and c.partition = n.partition limit 1) found
  where view_checkpoint.ctid = found.place and view_checkpoint.position = n.since
  returning 1
)
select (select count(*) from moved),
       (select count(*)
        from unnest($5, $6, $7, $8) as f(partition, position, saga_id, time), lateral
             (select 1 from skald.event e
              where e.partition = f.partition and e.position = f.position
                and e.saga_id = f.saga_id and e.time = f.time limit 1) there)
)sql",
    {kInt8Array, kInt2Array, kInt8Array, kInt8Array, kInt2Array, kInt8Array, kUuidArray, kTimestamptzArray}};

}  // namespace statements

template <class Make>
const Statement& ViewStatements::once(const std::string& name, Make make) {
  const auto known = made_.find(name);
  if (known != made_.end()) return known->second->get();
  return made_.emplace(name, make()).first->second->get();
}

const Statement& ViewStatements::merge(const ViewTable& table, Generation generation) {
  const std::string name = "skald_merge_" + std::to_string(generation);
  return once(name, [&] {
    return std::make_unique<OwnedStatement>(
        name, view_sql::merge(table, view_sql::relation_of(table, generation)), view_sql::merge_types(table));
  });
}

const Statement& ViewStatements::remove(const ViewTable& table, Generation generation) {
  const std::string name = "skald_remove_" + std::to_string(generation);
  return once(name, [&] {
    return std::make_unique<OwnedStatement>(name,
                                            view_sql::remove(table, view_sql::relation_of(table, generation)),
                                            std::vector<Oid>(table.key_columns(), pgtype::kTextArray));
  });
}

const Statement& ViewStatements::read(const ViewRead& read) {
  std::string name = "skald_read_" + std::to_string(read.generation);
  for (const auto& [column, value] : read.equal) name += "_" + std::to_string(column);
  if (!read.after.empty()) name += "_after";
  return once(name, [&] {
    std::vector<Oid> types{pgtype::kText, pgtype::kInt8, pgtype::kInt8, pgtype::kInt4};
    types.insert(types.end(), read.equal.size() + read.after.size(), pgtype::kText);
    return std::make_unique<OwnedStatement>(name, view_sql::read(read), std::move(types));
  });
}

}  // namespace skald::store
