-- Called by the node that finds a generation filled; one at a time does it.
create function skald.index_generation(my_generation bigint, statements text[]) returns boolean
  language plpgsql as $$
declare
  statement text;
begin
  if not pg_try_advisory_xact_lock(7312446502000000 + my_generation)
     or not exists (select from skald.view_generation where generation = my_generation and retired_at is null and not indexed) then
    return false;
  end if;
  foreach statement in array statements loop
    execute statement;
  end loop;
  update skald.view_generation set indexed = true where generation = my_generation;
  update skald.view_revision set revision = revision + 1;
  return true;
end $$;
comment on function skald.index_generation is 'Makes the indexes of a filled generation, all or none.';
