-- Called by a node that found an event which a view cannot take in, and by an operator who decides about it.
create function skald.stop_view(my_generation bigint, my_partition smallint, my_position bigint, my_reason text) returns boolean
  language plpgsql as $$
begin
  update skald.view_generation
  set stopped_partition = my_partition, stopped_position = my_position, stopped_reason = my_reason, stopped_at = clock_timestamp()
  where generation = my_generation and stopped_at is null and retired_at is null;
  if not found then
    return false;
  end if;
  update skald.view_revision set revision = revision + 1;
  return true;
end $$;
comment on function skald.stop_view is 'Notes that a generation stands at this event until somebody decides.';

create function skald.skip_event(my_generation bigint, my_partition smallint, my_position bigint, my_by text, my_reason text) returns boolean
  language plpgsql as $$
declare
  stopped skald.view_generation;
begin
  update skald.view_generation
  set stopped_partition = null, stopped_position = null, stopped_reason = null, stopped_at = null
  where generation = my_generation and stopped_partition = my_partition and stopped_position = my_position and retired_at is null
  returning * into stopped;
  if not found then
    return false;
  end if;
  insert into skald.view_skip (view, hash, partition, position, skipped_by, reason)
  values (stopped.view, stopped.hash, my_partition, my_position, my_by, my_reason) on conflict do nothing;
  update skald.view_revision set revision = revision + 1;
  return true;
end $$;
comment on function skald.skip_event is 'Leaves out the event at which a generation stands, and lets it go on.';
