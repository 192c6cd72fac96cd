-- Called with skald.make_generation, before it makes anything.
create function skald.may_rebuild(my_view text, my_hash text, again boolean, keeps_rows boolean) returns boolean
  language plpgsql stable as $$
begin
  if keeps_rows and exists (
       select from skald.view v join skald.view_generation g on g.generation = v.active
       where v.name = my_view and (again or g.hash <> my_hash)
         and (again or not exists (select from skald.view_generation b
                                   where b.view = my_view and b.hash = my_hash and b.retired_at is null))
         and exists (select from skald.retention r where r.done_at > g.made_at)) then
    raise exception 'the view % holds rows of sagas that have left the log, and a rebuild would lose them: '
                    'let it say keep: log, or give the new one another name', my_view using errcode = 'SK004';
  end if;
  return true;
end $$;
comment on function skald.may_rebuild is 'Fails with SK004 where a rebuild would lose rows of sagas that have left the log, and the view keeps its rows.';
