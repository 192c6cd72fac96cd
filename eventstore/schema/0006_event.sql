-- The log. Read by folds (by saga, by partition) and through the view skald.story.
create table skald.event (
  position   bigint not null,
  time       timestamptz not null,
  saga_id    uuid not null,
  version    integer not null,
  writer     integer not null,
  partition  smallint not null,
  type       text not null,
  data       json not null,
  primary key (partition, position)
) partition by range (position);
comment on table skald.event is 'What happened, for ever: rows are added, never changed.';
comment on column skald.event.partition is 'Slice of the log, from 0; all events of a saga are in one.';
comment on column skald.event.position is 'Place in its partition: 1, 2, 3 … without holes, in order of commit.';
comment on column skald.event.saga_id is 'UUIDv7; its last 16 bits are the partition.';
comment on column skald.event.version is 'Place in its saga: 1, 2, 3 …';
comment on column skald.event.type is 'SagaStarted, StepRequested, StepSucceeded …';
comment on column skald.event.time is 'When it was decided; never falls along the positions of a partition.';
comment on column skald.event.writer is 'The lane that appended it (skald.writer).';
comment on column skald.event.data is 'The fields of the event, as text of type json: read them with data->>''step''.';

-- Without the version: equal keys share their place in the index, which makes it a third smaller, and a saga's few
-- events are sorted in no time.
create index event_by_saga on skald.event (saga_id);
