-- Read by lanes that look for partitions to take; the fence of an append does not need it.
create table skald.ownership (
  partition  smallint primary key,
  writer     integer
) with (fillfactor = 50);
comment on table skald.ownership is 'Which writer has which partition of the log. It changes only when the writer that had it is revoked.';
comment on column skald.ownership.writer is 'Null until the first claim; a revoked writer''s partition is free.';

insert into skald.ownership (partition)
select generate_series(0, current_setting('skald.partition_count')::integer - 1);
