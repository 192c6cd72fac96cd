-- Read when a start is asked for with a key; its primary key alone decides which saga a key means.
create table skald.start_key (
  definition    text collate "C" not null,
  key           text collate "C" not null,
  saga_id       uuid not null,
  request_hash  bytea not null,
  primary key (definition, key)
) with (autovacuum_analyze_threshold = 10000, autovacuum_vacuum_insert_threshold = 10000);
comment on table skald.start_key is 'Written by the append that starts the saga: the same key gives the same saga.';
comment on column skald.start_key.request_hash is 'SHA-256 of the input: the same key with another input is refused.';
