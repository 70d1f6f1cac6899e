-- Read a part of one claimed value, so that a large one is never whole in memory.

create or replace function offload.read_part(
  job bigint, lease uuid, managed_column int, "position" int, after bigint, length int)
returns bytea
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job offload.job;
  v_bytes bytea;
begin
  select j.* into v_job from offload.job j where j.id = read_part.job and j.lease = read_part.lease;
  if found then
    execute pg_catalog.format('select offload._read_%s($1, $2, $3, $4, $5)', v_job.managed_table)
      into v_bytes
      using pg_catalog.to_jsonb(v_job.key), read_part.managed_column, read_part.position, read_part.after, read_part.length;
  end if;
  return v_bytes;
end;
$$;

comment on function offload.read_part(bigint, uuid, int, int, bigint, int) is
$$Read a part of one claimed value; null where the lease has ended or the row is gone.

job: the claimed job
lease: as the claim gave it
managed_column: the managed column's id
position: 0, or an element's place from 1
after: how many bytes to pass over
length: how many to read$$;
revoke execute on function offload.read_part(bigint, uuid, int, int, bigint, int) from public;
