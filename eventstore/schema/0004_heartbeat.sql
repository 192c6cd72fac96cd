-- Read by the other lanes to see who is silent; kept apart from skald.writer, whose rows carry the locks of appends.
create table skald.heartbeat (
  writer     integer primary key,
  beaten_at  timestamptz not null
) with (fillfactor = 50);
comment on table skald.heartbeat is 'Signs of life. Three seconds of silence make it polite, not safe, to take over: safety is the revocation of the writer.';
comment on column skald.heartbeat.beaten_at is 'By the clock of the database.';
