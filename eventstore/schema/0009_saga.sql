-- Read by lists, by recovery, and through the view skald.sagas. Everything in it can be rebuilt from the log.
-- Small tables are left without statistics, so that no plan is made for a small table and kept while it grows.
create table skald.saga (
  saga_id             uuid not null,
  started_at          timestamptz not null,
  updated_at          timestamptz not null,
  ended_at            timestamptz,
  due_at              timestamptz,
  first_position      bigint not null,
  definition_version  integer not null,
  partition           smallint not null,
  status              text not null,
  definition          text not null,
  business_key        text not null,
  start_key           text,
  definition_hash     text not null,
  primary key (partition, saga_id)
) with (fillfactor = 70, autovacuum_analyze_threshold = 10000, autovacuum_vacuum_threshold = 10000,
        autovacuum_vacuum_insert_threshold = 10000);
comment on table skald.saga is 'One row per saga: where it stands.';
comment on column skald.saga.updated_at is 'Time of the event that last changed this row.';
comment on column skald.saga.ended_at is 'Null while it runs, waits or is stuck.';
comment on column skald.saga.due_at is 'It waits for nothing but this time and is in nobody''s memory; null while a lane works on it.';
comment on column skald.saga.first_position is 'Position of its first event: a fold need not look into older segments.';
comment on column skald.saga.definition is 'Name of its definition.';
comment on column skald.saga.business_key is 'Decides the partition; the saga''s own id where it has none.';
comment on column skald.saga.start_key is 'Key of the request that started it (skald.start_key).';

-- The one index beside the key: the sagas a lane must load (no due time) or wake (due).
create index saga_open on skald.saga (partition, due_at, saga_id) where ended_at is null;
