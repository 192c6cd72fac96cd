-- Everything of the engine lives in this schema; people and dashboards read its views.
create schema if not exists skald;
comment on schema skald is 'Skald: the log of all sagas and what is derived from it. Begin with the views skald.story, skald.sagas and skald.lanes.';
