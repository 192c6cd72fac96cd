-- Called by a lane whose beat found something to claim.
create function skald.take_over(my_writer integer, my_lane integer, lanes integer) returns setof smallint
  language plpgsql as $$
begin
  perform skald.revoke(array(select skald.silent_writers()));
  return query select skald.claim(my_writer, my_lane, lanes);
end $$;
comment on function skald.take_over is 'Revokes the silent writers and claims what is free.';
