-- Read by lanes before they append past the last one, and by retention.
create table skald.segment (
  first_position  bigint primary key,
  end_position    bigint not null,
  relation        text not null,
  made_at         timestamptz not null default clock_timestamp()
);
comment on table skald.segment is 'The tables that skald.event consists of: one per range of positions, made ahead of the log''s end.';
comment on column skald.segment.end_position is 'First position that no longer belongs to it.';
