-- Called by skald.find_leaving and, once nobody can append or read any more, by skald.swap_kept.
create function skald.views_behind(my_below bigint) returns text
  language plpgsql as $$
begin
  return (
    select string_agg(format('the view %s %s at %s-%s, before position %s', behind.view, behind.how, behind.partition,
                             behind.position, behind.goal), '; ')
    from (select distinct on (g.generation) g.view, c.partition, c.position, least(my_below - 1, h.position) as goal,
                 case when g.stopped_at is null then 'stands' else 'is stopped' end as how
          from skald.view_generation g
               join skald.view_checkpoint c using (generation)
               join skald_head h on h.partition = c.partition
          where g.retired_at is null and g.dropped_at is null and c.position < least(my_below - 1, h.position)
          order by g.generation, c.partition) behind);
end $$;
comment on function skald.views_behind is 'Which views have not folded all events below that position yet; null: none.';

-- The first step of retention (eventstore/pg/retention.cpp): which sagas may leave, and what speaks against it. They
-- stand in the temporary table skald_leaving then; with `hold_them` their rows are locked until the transaction ends,
-- so none of them can begin to be undone meanwhile.
create function skald.find_leaving(my_ended_before timestamptz, hold_them boolean)
  returns table (below bigint, leaving bigint, staying bigint, obstacle text)
  language plpgsql as $$
#variable_conflict use_variable
declare
  segment skald.segment;
  uuid_in constant text := '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
begin
  if not pg_try_advisory_xact_lock(7312446503) then
    obstacle := 'another session lets sagas leave just now';
    return next; return;
  end if;
  select 'the database is frozen: ' || frozen into obstacle from skald.setting;
  if obstacle is not null then
    return next; return;
  end if;

  create temporary table skald_head on commit drop as
    select o.partition, coalesce(e.position, 0) as position, e.saga_id
    from skald.ownership o left join lateral (
      select last.position, last.saga_id from skald.event last
      where last.partition = o.partition order by last.position desc limit 1) e on true;
  analyze skald_head;

  -- Segments whose events are all old, from the first on; never the newest one that has events.
  for segment in select s.* from skald.segment s order by s.first_position loop
    exit when not exists (select from skald_head h where h.position >= segment.end_position)
           or exists (select from skald.ownership o cross join lateral (
                        select e.time from skald.event e
                        where e.partition = o.partition and e.position < segment.end_position
                        order by e.position desc limit 1) last
                      where last.time >= my_ended_before);
    below := segment.end_position;
  end loop;
  if below is null then
    obstacle := 'no segment holds old events only';
    return next; return;
  end if;

  create temporary table skald_leaving (
    partition smallint, saga_id uuid, definition text collate "C", start_key text collate "C", primary key (partition, saga_id)
  ) on commit drop;
  -- A saga leaves as a whole. The last event of a partition stays, and so does its saga: it says where the partition ends.
  execute 'insert into skald_leaving
           select s.partition, s.saga_id, s.definition, s.start_key from skald.saga s
           where s.ended_at < $1 and s.first_position < $2
             and not exists (select from skald.event e where e.saga_id = s.saga_id and e.position >= $2)
             and not exists (select from skald_head h where h.saga_id = s.saga_id)'
          || case when hold_them then ' for update of s skip locked' else '' end
  using my_ended_before, below;
  -- Who started another saga may ask for it again, or have it undone, for as long as it is there itself.
  loop
    delete from skald_leaving l using skald.saga starter
    where (l.start_key like 'saga:%' or l.start_key like 'event:%')
      and starter.saga_id = substring(l.start_key from uuid_in)::uuid
      and starter.partition = ('x' || right(substring(l.start_key from uuid_in), 4))::bit(16)::integer
      and not exists (select from skald_leaving o where o.partition = starter.partition and o.saga_id = starter.saga_id);
    exit when not found;
  end loop;
  analyze skald_leaving;

  select count(*) into leaving from skald_leaving;
  select count(*) - leaving into staying from skald.saga s where s.first_position < below;
  if leaving = 0 then
    obstacle := 'no saga of the old segments ended so long ago';
  elsif leaving < staying then
    obstacle := 'more sagas of the old segments would stay than leave';
  else
    obstacle := skald.views_behind(below);
  end if;
  return next;
end $$;
comment on function skald.find_leaving is 'Which ended sagas may leave the log (pg_temp.skald_leaving), up to which position, and what speaks against it.';
