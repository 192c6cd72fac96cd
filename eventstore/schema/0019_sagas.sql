-- Read by people: select … from skald.sagas where status = 'stuck'.
create view skald.sagas as
select saga_id,
       definition,
       definition_version as version,
       business_key,
       start_key,
       status,
       started_at,
       updated_at,
       ended_at,
       coalesce(ended_at, now()) - started_at as lasted,
       nullif(due_at, 'infinity') as wakes_at,
       partition
from skald.saga;
comment on view skald.sagas is 'All sagas and where they stand.';
