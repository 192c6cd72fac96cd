-- Called when a view is put or rebuilt. `columns` is what stands between the brackets of the table.
create function skald.make_generation(my_view text, my_hash text, my_source text, columns text, again boolean)
  returns table (generation bigint, made boolean)
  language plpgsql as $$
#variable_conflict use_column
declare
  current  skald.view_generation;
  building skald.view_generation;
  fresh    bigint;
begin
  insert into skald.view (name) values (my_view) on conflict do nothing;
  perform from skald.view where name = my_view for update;
  select g.* into current from skald.view v join skald.view_generation g on g.generation = v.active where v.name = my_view;
  select g.* into building from skald.view_generation g
  where g.view = my_view and g.retired_at is null and g.generation is distinct from current.generation;
  if building.hash = my_hash and (building.stopped_at is null or not again) then
    return query select building.generation, false;
    return;
  end if;
  -- What is built for another definition is not wanted any more.
  if building.generation is not null then
    update skald.view_generation g set retired_at = clock_timestamp() where g.generation = building.generation;
    update skald.view_revision set revision = revision + 1;
  end if;
  if current.hash = my_hash and not again then
    return query select current.generation, false;
    return;
  end if;
  insert into skald.view_generation (view, hash, source, relation) values (my_view, my_hash, my_source, '')
  returning view_generation.generation into fresh;
  -- A name is at most 63 bytes long.
  update skald.view_generation g set relation = left(my_view, 48) || '#' || fresh where g.generation = fresh;
  execute format('create table skald_views.%I (%s) with (fillfactor = 80)', left(my_view, 48) || '#' || fresh, columns);
  insert into skald.view_checkpoint (generation, partition, position, target)
  select fresh, o.partition, 0,
         coalesce((select e.position from skald.event e where e.partition = o.partition order by e.position desc limit 1), 0)
  from skald.ownership o;
  update skald.view_revision set revision = revision + 1;
  return query select fresh, true;
end $$;
comment on function skald.make_generation is 'The generation of this definition: the one there is, or a new empty one. `again` wants a new one in any case.';
