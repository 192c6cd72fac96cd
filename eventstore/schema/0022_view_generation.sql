-- Read by the nodes that fold events into views, and by those that read them.
create table skald.view_generation (
  generation         bigint generated always as identity primary key,
  view               text collate "C" not null,
  hash               text not null,
  source             text not null,
  relation           text not null,
  indexed            boolean not null default false,
  made_at            timestamptz not null default clock_timestamp(),
  retired_at         timestamptz,
  dropped_at         timestamptz,
  stopped_partition  smallint,
  stopped_position   bigint,
  stopped_reason     text,
  stopped_at         timestamptz,
  rows_before        bigint,
  rows_after         bigint,
  rows_different     bigint
) with (fillfactor = 70);
create index view_generation_living on skald.view_generation (view) where dropped_at is null;
comment on table skald.view_generation is 'A definition of a view and the table it is folded into. A rebuild makes a new one beside the old.';
comment on column skald.view_generation.hash is 'Of the definition: the same hash gives the same rows.';
comment on column skald.view_generation.source is 'The definition as its author wrote it.';
comment on column skald.view_generation.relation is 'Its table in the schema skald_views.';
comment on column skald.view_generation.indexed is 'Its indexes are there: they are made when the table is filled.';
comment on column skald.view_generation.retired_at is 'Another one took its place; its table is dropped soon.';
comment on column skald.view_generation.stopped_position is 'The event it could not take in, with stopped_partition: it stands there until the definition changes or the event is skipped.';
comment on column skald.view_generation.rows_different is 'Rows in which it differed from the one it replaced; null where the definition had changed.';

create table skald.view_checkpoint (
  generation  bigint not null,
  partition   smallint not null,
  position    bigint not null,
  target      bigint not null,
  primary key (generation, partition)
) with (fillfactor = 50);
comment on table skald.view_checkpoint is 'How far each generation has come: set with the rows, in one transaction, so every event counts once.';
comment on column skald.view_checkpoint.target is 'The end of the partition when the generation was made: its table is filled when it has come so far.';

create table skald.view_skip (
  view        text collate "C" not null,
  hash        text not null,
  partition   smallint not null,
  position    bigint not null,
  skipped_by  text not null,
  reason      text not null,
  skipped_at  timestamptz not null default clock_timestamp(),
  primary key (view, hash, partition, position)
);
comment on table skald.view_skip is 'Events that a view could not take in, and that somebody decided to leave out; a rebuild of the same definition leaves them out too.';
