-- The last step of retention, in the transaction of skald.copy_kept and followed at once by its commit: the new table
-- takes the place of the old segments. From the lock to the commit nobody reads or appends.
create function skald.swap_kept(my_pass integer, my_below bigint, relation text) returns void
  language plpgsql set lock_timeout = '100ms' as $$
declare
  begun  timestamptz;
  behind text;
  old    text;
begin
  perform skald.copy_grown(my_below, relation);
  lock table only skald.event in access exclusive mode;
  begun := clock_timestamp();
  -- A rebuild that began meanwhile would have seen half of a saga.
  behind := skald.views_behind(my_below);
  if behind is not null then
    raise exception '%', behind using errcode = 'SK003';
  end if;
  perform skald.copy_grown(my_below, relation);
  for old in select s.relation from skald.segment s where s.end_position <= my_below order by s.first_position loop
    execute 'drop table ' || old;
  end loop;
  delete from skald.segment where end_position <= my_below;
  execute format('alter table skald.event attach partition skald.%I for values from (1) to (%s)', relation, my_below);
  insert into skald.segment (first_position, end_position, relation, kept) values (1, my_below, 'skald.' || relation, true);
  update skald.retention
  set done_at = clock_timestamp(), held_ms = extract(epoch from clock_timestamp() - begun) * 1000
  where pass = my_pass;
end $$;
comment on function skald.swap_kept is 'Exchanges all segments below that position for the table of what stays. Fails with lock_not_available rather than wait, and with SK003 where a view fell behind.';

-- Called by an import into an empty database: the log that comes has holes below that position.
create function skald.begin_kept(my_below bigint) returns void
  language plpgsql as $$
declare
  old text;
begin
  for old in select relation from skald.segment loop
    execute 'drop table ' || old;
  end loop;
  delete from skald.segment;
  create table skald.event_kept_000000 (like skald.event including all);
  execute format('alter table skald.event attach partition skald.event_kept_000000 for values from (1) to (%s)', my_below);
  insert into skald.segment (first_position, end_position, relation, kept) values (1, my_below, 'skald.event_kept_000000', true);
end $$;
comment on function skald.begin_kept is 'One segment for all positions below that one, in the place of those of an empty log.';
