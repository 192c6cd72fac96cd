-- Read with every reading of a view, and by the nodes that look which views there are.
create schema if not exists skald_views;
comment on schema skald_views is 'The read models: skald_views."NAME" shows each view as it stands; the tables beside it belong to one generation each.';

create table skald.view (
  name         text collate "C" primary key,
  active       bigint,
  shown        bigint,
  switched_at  timestamptz
) with (fillfactor = 50);
comment on table skald.view is 'The views, by name. A switch from one generation to the next is an update of one row here.';
comment on column skald.view.active is 'The generation that is read; null until the first one has caught up.';
comment on column skald.view.shown is 'The generation that skald_views."NAME" shows; it follows the active one within seconds.';

-- Rises with each change of what stands in skald.view and skald.view_generation: nodes ask for it once a second.
create table skald.view_revision (
  one       boolean primary key default true check (one),
  revision  bigint not null
) with (fillfactor = 50);
comment on table skald.view_revision is 'One row: how often the registry of views has changed.';
insert into skald.view_revision (revision) values (1);
