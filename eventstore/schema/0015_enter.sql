-- Called by a lane that opens its log, or opens it anew after a lost connection or a fence. One transaction:
-- revoke, register, reassign. The tails are read by a later statement, begun after this one's commit.
create function skald.enter(my_node text, my_lane integer, lanes integer, my_incarnation uuid)
  returns table (writer integer, partition smallint, kept boolean)
  language plpgsql as $$
#variable_conflict use_column
declare
  me     integer;
  starts boolean;
begin
  -- A lane that starts ends whatever carried its name before. One that only renews its writer does not: were it
  -- itself a leftover of the node that has been started again, the two would end each other in turns.
  starts := not exists (select from skald.writer w where w.incarnation = my_incarnation);
  perform skald.revoke(array(
    select w.writer from skald.writer w
    where w.revoked_at is null
      and (w.incarnation = my_incarnation or starts and w.node = my_node and w.lane = my_lane)
    union
    select skald.silent_writers()));

  insert into skald.writer (node, lane, incarnation) values (my_node, my_lane, my_incarnation)
  returning writer.writer into me;
  insert into skald.heartbeat values (me, clock_timestamp());

  return query select me, null::smallint, null::boolean;
  -- Still in the name of an earlier writer of this very lane: nobody else has appended there.
  return query
    update skald.ownership set writer = me
    from skald.writer old
    where old.writer = ownership.writer and old.incarnation = my_incarnation and old.revoked_at is not null
    returning me, ownership.partition, true;
  return query select me, claimed, false from skald.claim(me, my_lane, lanes) claimed;
end $$;
comment on function skald.enter is 'Registers a lane as a new writer. First row: its number; then its partitions, kept from before or claimed.';
