-- Called by skald.enter and skald.take_over.
create function skald.claim(my_writer integer, my_lane integer, lanes integer) returns setof smallint
  language sql volatile as $$
  update skald.ownership set writer = my_writer
  where partition % lanes = my_lane
    and (writer is null
         or exists (select from skald.writer old where old.writer = ownership.writer and old.revoked_at is not null))
  returning partition
$$;
comment on function skald.claim is 'Takes every partition that is free or of a revoked writer, of those this lane of its node is for.';
