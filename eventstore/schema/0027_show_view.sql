-- Called after a switch, for people: skald_views."NAME" shows what is active. Readers of the API do not need it.
create function skald.show_view(my_view text, columns text) returns boolean
  language plpgsql set lock_timeout = '100ms' as $$
declare
  wanted bigint;
  source text;
begin
  select v.active, g.relation into wanted, source
  from skald.view v join skald.view_generation g on g.generation = v.active
  where v.name = my_view and v.shown is distinct from v.active;
  if wanted is null then
    return false;
  end if;
  execute format('drop view if exists skald_views.%I', my_view);
  execute format('create view skald_views.%I as select %s from skald_views.%I', my_view, columns, source);
  update skald.view set shown = wanted where name = my_view;
  return true;
end $$;
comment on function skald.show_view is 'Lets skald_views."NAME" follow the active generation. Fails with lock_not_available rather than wait.';
