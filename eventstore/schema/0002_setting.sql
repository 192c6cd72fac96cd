-- Read by each lane when it opens its log; written by the migration alone.
create table skald.setting (
  one                boolean primary key default true check (one),
  partition_count    integer not null check (partition_count between 1 and 32767),
  segment_positions  bigint not null check (segment_positions > 0),
  format             integer not null,
  created_at         timestamptz not null default now()
);
comment on table skald.setting is 'One row: what is fixed for this database.';
comment on column skald.setting.partition_count is 'Number of partitions of the log, fixed at creation: a saga''s partition follows from it.';
comment on column skald.setting.segment_positions is 'Positions per segment of the log; a segment is the unit of retention.';
comment on column skald.setting.format is 'Rises when nodes of an older version could no longer read the log; a node that knows less refuses to start.';

insert into skald.setting (partition_count, segment_positions, format)
values (current_setting('skald.partition_count')::integer, 131072, 1);
