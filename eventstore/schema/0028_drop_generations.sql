-- Called by nodes now and then: tables that nobody reads any more go.
create function skald.drop_generations(retired_before interval) returns integer
  language plpgsql set lock_timeout = '100ms' as $$
declare
  old     skald.view_generation;
  dropped integer := 0;
begin
  for old in
    select g.* from skald.view_generation g
    where g.dropped_at is null and g.retired_at < clock_timestamp() - retired_before
      and not exists (select from skald.view v where v.shown = g.generation or v.active = g.generation)
    for update skip locked
  loop
    begin
      execute format('drop table if exists skald_views.%I', old.relation);
      delete from skald.view_checkpoint where generation = old.generation;
      update skald.view_generation set dropped_at = clock_timestamp() where generation = old.generation;
      dropped := dropped + 1;
    exception when lock_not_available then
      null;  -- somebody reads it still; the next call tries again
    end;
  end loop;
  return dropped;
end $$;
comment on function skald.drop_generations is 'Drops the tables of generations that were retired so long ago, and tells how many.';
