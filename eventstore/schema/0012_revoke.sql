-- Called by skald.enter, skald.take_over and skald.leave.
create function skald.revoke(targets integer[]) returns void
  language plpgsql set lock_timeout = '1s' as $$
declare
  target integer;
begin
  for target in select unnest(targets) order by 1 loop
    begin
      -- Waits for an append in flight: it holds this row FOR SHARE until its commit.
      update skald.writer set revoked_at = clock_timestamp() where writer = target and revoked_at is null;
    exception when lock_not_available then
      -- Whoever holds the row longer than that is hung or cut off. A row has one locker, so xmax names it.
      perform pg_terminate_backend(activity.pid, 1000)
      from skald.writer join pg_stat_activity activity on activity.backend_xid = writer.xmax
      where writer.writer = target and activity.pid <> pg_backend_pid();
      update skald.writer set revoked_at = clock_timestamp() where writer = target and revoked_at is null;
    end;
  end loop;
end $$;
comment on function skald.revoke is 'Ends these writers: appends in flight end first, later ones insert nothing. What blocks it for a second is terminated.';
