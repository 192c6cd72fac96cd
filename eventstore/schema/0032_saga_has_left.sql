-- Called by the append where the row of a saga that goes on is not there: its decision was made on events that have
-- left meanwhile (an ended saga that was about to be undone). Nothing of the statement is written.
create function skald.saga_has_left() returns tid
  language plpgsql stable as $$
begin
  raise exception 'a saga of this append has left the log' using errcode = 'SK002';
end $$;
comment on function skald.saga_has_left is 'Fails with SK002.';
