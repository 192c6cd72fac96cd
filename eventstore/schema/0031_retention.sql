-- Written by skald.swap_kept; read by whoever must know where the log has holes.
alter table skald.segment add column kept boolean not null default false;
comment on column skald.segment.kept is 'The first of all: what retention left of the segments that were there before, every event at its place. Only below its end the positions of a partition have holes.';

create table skald.retention (
  pass          integer generated always as identity primary key,
  ended_before  timestamptz not null,
  below         bigint not null,
  sagas         bigint not null,
  events        bigint,
  kept_sagas    bigint not null,
  kept_events   bigint,
  exported_to   text,
  held_ms       double precision,
  done_at       timestamptz
);
comment on table skald.retention is 'What has left the log: one row for each time that ended sagas went.';
comment on column skald.retention.ended_before is 'Sagas that ended before this time could leave.';
comment on column skald.retention.below is 'Only events at positions below this one.';
comment on column skald.retention.exported_to is 'The file they were written to before they left.';
comment on column skald.retention.held_ms is 'For so long the log was locked while its segments were exchanged.';
