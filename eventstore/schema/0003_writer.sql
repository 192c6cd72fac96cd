-- Read by the fence of every append; written twice in its life: registered, revoked.
create table skald.writer (
  writer             integer generated always as identity primary key,
  node               text not null,
  lane               integer not null,
  incarnation        uuid not null,
  server_started_at  timestamptz not null default pg_postmaster_start_time(),
  registered_at      timestamptz not null default clock_timestamp(),
  revoked_at         timestamptz
) with (fillfactor = 50);
comment on table skald.writer is 'Who may append: one lane of one node. A writer''s partitions only grow; it ends as a whole, by revocation.';
comment on column skald.writer.writer is 'Number of the writer, never reused; each event names it.';
comment on column skald.writer.node is 'Configured name of the node.';
comment on column skald.writer.lane is 'Lane of that node, from 0.';
comment on column skald.writer.incarnation is 'The one running lane that registered this writer: several writers in a row have the same one when it had to renew itself.';
comment on column skald.writer.server_started_at is 'Start of the database server it registered with: another server behind the same address fences it.';
comment on column skald.writer.revoked_at is 'Set once, never reset: from then on this writer appends nothing.';

-- The few that stand, among all that ever were.
create index writer_standing on skald.writer (node, lane) where revoked_at is null;
create index writer_by_incarnation on skald.writer (incarnation);
