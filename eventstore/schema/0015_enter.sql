-- Called by a lane that opens its log, or opens it anew after a lost connection or a fence. One transaction:
-- revoke, register, reassign. The tails are read by a later statement, begun after this one's commit.
create function skald.enter(my_node text, my_lane integer, lanes integer, my_incarnation uuid)
  returns table (writer integer, partition smallint, kept boolean)
  language plpgsql as $$
#variable_conflict use_column
declare
  me integer;
begin
  perform skald.revoke(array(
    select standing.writer from skald.writer standing
    where standing.revoked_at is null and standing.node = my_node and standing.lane = my_lane
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
