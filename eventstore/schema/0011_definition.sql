-- Read by every node, at start and when something changed.
create table skald.definition (
  name        text collate "C" not null,
  version     integer not null,
  hash        text not null,
  canonical   text not null,
  source      text not null,
  created_at  timestamptz not null default clock_timestamp(),
  primary key (name, version)
);
comment on table skald.definition is 'Every version of every definition: a saga ends under the one it began with.';
comment on column skald.definition.hash is 'SHA-256 of the canonical form, hexadecimal.';
comment on column skald.definition.canonical is 'The definition as JSON, normalized.';
comment on column skald.definition.source is 'As its author wrote it.';
