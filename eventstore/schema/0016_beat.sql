-- Called once a second by every lane.
create function skald.beat(my_writer integer, my_lane integer, lanes integer)
  returns table (stands boolean, claimable boolean, at timestamptz)
  language sql volatile as $$
  update skald.heartbeat set beaten_at = clock_timestamp() where writer = my_writer;
  select exists (select from skald.writer
                 where writer = my_writer and revoked_at is null
                   and server_started_at = pg_postmaster_start_time()),
         exists (select from skald.ownership left join skald.writer using (writer)
                 where partition % lanes = my_lane
                   and (ownership.writer is null or writer.revoked_at is not null
                        or ownership.writer in (select skald.silent_writers()))),
         clock_timestamp();
$$;
comment on function skald.beat is 'A sign of life. Tells whether the writer still stands and whether there is a partition to take over.';
