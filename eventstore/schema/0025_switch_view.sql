-- Called by nodes while a generation is being built, until it says yes.
create function skald.switch_view(my_generation bigint) returns boolean
  language plpgsql as $$
declare
  next    skald.view_generation;
  current skald.view_generation;
  behind  boolean;
begin
  select * into next from skald.view_generation where generation = my_generation;
  perform from skald.view where name = next.view for update;
  select * into next from skald.view_generation where generation = my_generation and retired_at is null and indexed and stopped_at is null;
  if next.generation is null then
    return false;
  end if;
  select g.* into current from skald.view v join skald.view_generation g on g.generation = v.active where v.name = next.view;
  if current.generation = my_generation then
    return false;
  end if;
  -- Whoever has read the old one never sees the new one know less.
  if current.generation is null or current.stopped_at is not null then
    behind := exists (select from skald.view_checkpoint where generation = my_generation and position < target);
  else
    behind := exists (select from skald.view_checkpoint n join skald.view_checkpoint o using (partition)
                      where n.generation = my_generation and o.generation = current.generation and n.position < o.position);
  end if;
  if behind then
    return false;
  end if;
  update skald.view set active = my_generation, switched_at = clock_timestamp() where name = next.view;
  update skald.view_generation set retired_at = clock_timestamp() where generation = current.generation;
  update skald.view_revision set revision = revision + 1;
  return true;
end $$;
comment on function skald.switch_view is 'Makes a generation the one that is read, if it has come as far as the one that is read now.';
