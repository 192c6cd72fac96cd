-- Called before a switch. In one snapshot, so both tables are seen at one moment.
create function skald.compare_generation(my_generation bigint, columns text) returns boolean
  language plpgsql set transaction_isolation = 'read committed' as $$
declare
  next    skald.view_generation;
  current skald.view_generation;
  before  bigint;
  after   bigint;
  differ  bigint;
  aligned boolean;
begin
  select * into next from skald.view_generation where generation = my_generation;
  select g.* into current from skald.view v join skald.view_generation g on g.generation = v.active where v.name = next.view;
  if current.generation is null or current.generation = my_generation then
    return true;
  end if;
  if next.hash = current.hash and current.stopped_at is null then
    execute format(
      'select not exists (select from skald.view_checkpoint n join skald.view_checkpoint o using (partition) '
      '                   where n.generation = $1 and o.generation = $2 and n.position <> o.position), '
      '       (select count(*) from skald_views.%1$I), (select count(*) from skald_views.%2$I), '
      '       (select count(*) from (select %3$s from skald_views.%1$I except all select %3$s from skald_views.%2$I) missing) '
      '     + (select count(*) from (select %3$s from skald_views.%2$I except all select %3$s from skald_views.%1$I) added)',
      current.relation, next.relation, columns)
    into aligned, before, after, differ using my_generation, current.generation;
    if not aligned then
      return false;
    end if;
  else
    execute format('select (select count(*) from skald_views.%1$I), (select count(*) from skald_views.%2$I)',
                   current.relation, next.relation) into before, after;
  end if;
  update skald.view_generation set rows_before = before, rows_after = after, rows_different = differ where generation = my_generation;
  return true;
end $$;
comment on function skald.compare_generation is 'Notes how many rows the active generation and this one have, and, of the same definition, in how many they differ. False where the two stand at different places: ask again.';
