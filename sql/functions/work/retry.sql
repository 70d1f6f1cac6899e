-- Bring dead jobs and refused values back, and have tried at once what waits because it failed.

create or replace function offload.retry(relation regclass default null, reason text default null)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_failed bigint;
  v_refused bigint;
begin
  with hurried as (
    update offload.job j set
      died_at = null, attempts = 0, ready_at = pg_catalog.clock_timestamp(), reason = null, detail = null
    from offload.managed_table t
    where t.id = j.managed_table
      -- What waits for a paused column waits on.
      and (j.died_at is not null or (j.lease is null and j.reason is not null and j.ready_at < 'infinity'))
      and (retry.relation is null or t.relation = retry.relation)
      and (retry.reason is null or j.reason = retry.reason)
    returning j.id
  )
  select count(*) into v_failed from hurried;
  with refused as (
    select i.managed_column, i.key, i.position, i.source_hash, c.managed_table
    from offload.item i
    join offload.managed_column c on c.id = i.managed_column and c.detached_at is null
    join offload.managed_table t on t.id = c.managed_table
    where i.refusal is not null
      and (retry.relation is null or t.relation = retry.relation)
      and (retry.reason is null or i.refusal = retry.reason)
  ), forgotten as (
    delete from offload.derivation d
    using refused r
    where d.source_hash = r.source_hash and d.refusal is not null
  ), queued as (
    insert into offload.arrival (managed_table, key)
    select distinct r.managed_table, r.key from refused r
    returning id
  )
  select count(*) into v_refused from queued;
  if v_failed + v_refused > 0 then
    perform offload._ring();
  end if;
  return v_failed + v_refused;
end;
$$;

comment on function offload.retry(regclass, text) is
$$Bring dead jobs and refused values back, and have tried at once what failed and waits for its next try; returns how many
rows will be looked at again.

relation: only this table's; null: all
reason: only those that failed for this reason, as in offload.failures; null: all$$;
revoke execute on function offload.retry(regclass, text) from public;
