-- Read by people and by skald doctor: who is at work.
create view skald.lanes as
select node,
       lane,
       writer,
       count(ownership.partition) as partitions,
       registered_at,
       clock_timestamp() - heartbeat.beaten_at as silent_for
from skald.writer left join skald.ownership using (writer) left join skald.heartbeat using (writer)
where revoked_at is null
group by node, lane, writer, registered_at, heartbeat.beaten_at;
comment on view skald.lanes is 'The writers that stand, how many partitions each has, and since when each is silent.';
