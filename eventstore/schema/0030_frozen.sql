-- Read by skald.enter and by `skald serve`; written by `skald log import`.
alter table skald.setting add column frozen text;
comment on column skald.setting.frozen is 'Why no lane may begin on this database; null: they may.';

-- A lane that registers while an import writes waits for it (the import locks skald.writer), and only then looks here.
create function skald.refuse_frozen() returns trigger
  language plpgsql as $$
declare
  why text;
begin
  select frozen into why from skald.setting;
  if why is not null then
    raise exception '%', why using errcode = 'SK001';
  end if;
  return null;
end $$;
comment on function skald.refuse_frozen is 'Fails with SK001 and the reason where the database is frozen.';

-- Once in the life of a writer: nothing on the way of an append.
create trigger refuse_frozen after insert on skald.writer
  for each statement execute function skald.refuse_frozen();
