-- Read by people: select … from skald.story where saga_id = '…' order by version.
create view skald.story as
select saga_id,
       version,
       time,
       type,
       coalesce(data->>'step', data->>'name') as step,
       case type
         when 'SagaStarted' then 'started by ' || coalesce(data->>'by', 'nobody known')
         when 'StepRequested' then concat_ws(' ', data->'request'->>'method', data->'request'->>'service', data->'request'->>'path')
         when 'CompensationRequested' then concat_ws(' ', data->'request'->>'method', data->'request'->>'service', data->'request'->>'path')
         when 'SagaEnded' then concat_ws(', ', data->>'status', 'undo ' || (data->>'undo'))
         else coalesce(data->'error'->>'detail', data->'error'->>'title', data->>'reason', left(data->>'output', 120))
       end as what,
       data->'error'->>'type' as error,
       partition || '-' || position as position,
       writer,
       data
from skald.event;
comment on view skald.story is 'The events of a saga in words: which step, what was asked or answered.';
