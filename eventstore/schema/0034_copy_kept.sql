-- The second step of retention, in the transaction of skald.find_leaving: a table of its own for what stays. Nobody
-- waits for it; the rows beside the log that go, go here.
create function skald.copy_kept(my_below bigint, relation text) returns table (events bigint, kept_events bigint)
  language plpgsql as $$
#variable_conflict use_variable
begin
  execute format('create table skald.%I (like skald.event including all) '
                 'with (autovacuum_analyze_threshold = 10000, autovacuum_vacuum_insert_threshold = 10000)', relation);
  -- With it the table is attached without being looked through.
  execute format('alter table skald.%I add constraint positions check (position >= 1 and position < %s)', relation, my_below);
  execute format('insert into skald.%I select e.* from skald.event e join skald_head h using (partition) '
                 'where e.position <= h.position and e.position < %s '
                 '  and not exists (select from skald_leaving l where l.partition = e.partition and l.saga_id = e.saga_id) '
                 'order by e.partition, e.position', relation, my_below);
  get diagnostics kept_events = row_count;
  select count(*) - kept_events into events from skald.event e join skald_head h using (partition)
  where e.position <= h.position and e.position < my_below;
  delete from skald.start_key k using skald_leaving l
  where k.definition = l.definition and k.key = l.start_key and k.saga_id = l.saga_id;
  delete from skald.saga s using skald_leaving l where s.partition = l.partition and s.saga_id = l.saga_id;
  return next;
end $$;
comment on function skald.copy_kept is 'Copies the events below that position that stay into a new table, unchanged.';

-- Called by skald.swap_kept: partitions that lag behind the others still grow below `my_below`.
create function skald.copy_grown(my_below bigint, relation text) returns void
  language plpgsql as $$
begin
  execute format('insert into skald.%I select e.* from skald_head h cross join lateral ('
                 '  select * from skald.event e where e.partition = h.partition and e.position > h.position and e.position < %s offset 0) e '
                 'where h.position < %s - 1', relation, my_below, my_below);
  execute format('update skald_head h '
                 'set position = greatest(h.position, (select max(position) from skald.%I k where k.partition = h.partition)) '
                 'where h.position < %s - 1', relation, my_below);
end $$;
comment on function skald.copy_grown is 'Copies what partitions got since their heads were read.';
