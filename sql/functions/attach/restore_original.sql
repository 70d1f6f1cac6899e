-- Bring archived originals back into their rows, byte for byte.
--
-- The worker writes them through the fence. They stay there until the application writes another image, or
-- source_policy is set anew.

create or replace function offload.restore_original(relation regclass, column_name text, keys text[] default null)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column offload.managed_column := offload._managed(restore_original.relation, restore_original.column_name);
  v_queued bigint;
begin
  with wanted as (
    select restore_original.keys[n:n][:] as slice
    from pg_catalog.generate_subscripts(restore_original.keys, 1) n
    where pg_catalog.array_ndims(restore_original.keys) = 2
  ), chosen as (
    update offload.item i set restores = true
    where i.managed_column = v_column.id and i.original_hash is not null and not i.restores
      and case
        when restore_original.keys is null then true
        when pg_catalog.array_ndims(restore_original.keys) = 2 then exists (
          select from wanted w where i.key = array(select pg_catalog.unnest(w.slice)))
        when pg_catalog.cardinality(i.key) = 1 then i.key[1] = any (restore_original.keys)
        else i.key = restore_original.keys end
    returning i.key
  ), queued as (
    insert into offload.arrival (managed_table, key)
    select distinct v_column.managed_table, c.key from chosen c
    returning id
  )
  select count(*) into v_queued from queued;
  if v_queued = 0 then
    raise notice using
      message = pg_catalog.format('no original of column %I of table %s is to be brought back', restore_original.column_name,
        restore_original.relation),
      hint = 'Only what originals => ''archive'' put into a store can be, and is not yet. Keys are texts: ''{17}'', or ''{{17,a},{18,b}}'' where they have several columns.';
    return 0;
  end if;
  perform offload._ring();
  return v_queued;
end;
$$;

comment on function offload.restore_original(regclass, text, text[]) is
$$Bring archived originals back into their rows, byte for byte; returns how many rows the worker will write. They stay
there until another image is written, or source_policy is set anew.

relation: the table
column_name: the managed column
keys: the rows' primary keys, as text; of several columns each key is an array; null: all$$;
revoke execute on function offload.restore_original(regclass, text, text[]) from public;
