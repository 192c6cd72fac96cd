-- Called by skald.enter, skald.beat and skald.take_over.
create function skald.silent_writers() returns setof integer
  language sql volatile as $$
  select writer from skald.writer
  where revoked_at is null
    and not exists (select from skald.heartbeat
                    where heartbeat.writer = writer.writer
                      and heartbeat.beaten_at >= clock_timestamp() - interval '3 seconds')
$$;
comment on function skald.silent_writers is 'Writers that stand but gave no sign of life for three seconds.';
