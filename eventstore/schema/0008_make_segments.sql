-- Called by lanes when they open, with their beat, and before an append that would leave the last segment.
create function skald.make_segments(up_to bigint) returns bigint
  language plpgsql set lock_timeout = '100ms' as $$
declare
  size     bigint;
  covered  bigint;
  relation text;
begin
  select max(end_position) into covered from skald.segment;
  if covered >= up_to then
    return covered;
  end if;
  -- One maker at a time; whoever comes second finds the work done.
  select segment_positions into size from skald.setting for update;
  select coalesce(max(end_position), 1) into covered from skald.segment;
  while covered < up_to loop
    relation := 'event_' || lpad(((covered - 1) / size)::text, 6, '0');
    -- Made as a table of its own and then attached: that takes no lock an append or a reader would wait for.
    execute format('create table skald.%I (like skald.event including all) '
                   'with (autovacuum_analyze_threshold = 10000, autovacuum_vacuum_insert_threshold = 10000)', relation);
    execute format('alter table skald.event attach partition skald.%I for values from (%s) to (%s)',
                   relation, covered, covered + size);
    insert into skald.segment values (covered, covered + size, 'skald.' || relation);
    covered := covered + size;
  end loop;
  return covered;
end $$;
comment on function skald.make_segments is 'Makes the segments for all positions below up_to and tells the first position that has none. Fails with lock_not_available rather than wait.';

select skald.make_segments(1 + 2 * segment_positions) from skald.setting;
