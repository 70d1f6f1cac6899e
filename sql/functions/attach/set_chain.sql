-- Name a managed column's remote stores, in order.

create or replace function offload._set_chain(managed_column int, stores text[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_unknown text := (
    select n.name from pg_catalog.unnest(_set_chain.stores) n (name)
    where not exists (select from offload.store s where s.name = n.name and s.kind <> 'database')
    limit 1);
begin
  if v_unknown is not null then
    raise exception using
      errcode = 'OF008', message = pg_catalog.format('store "%s" does not exist or is no place for a chain', v_unknown),
      hint = coalesce(
        'The stores are: ' || (select pg_catalog.string_agg(s.name, ', ' order by s.name) from offload.store s) || '.',
        'Add it: select offload.add_store(' || pg_catalog.quote_literal(v_unknown) || ', ''s3'', bucket => ''…'');');
  end if;
  delete from offload.chain h where h.managed_column = _set_chain.managed_column;
  insert into offload.chain (managed_column, ordinal, store)
  select _set_chain.managed_column, min(n.ordinal), s.id
  from pg_catalog.unnest(_set_chain.stores) with ordinality n (name, ordinal)
  join offload.store s on s.name = n.name
  group by s.id;
end;
$$;

comment on function offload._set_chain(int, text[]) is
$$Name a managed column's remote stores.

managed_column: its id
stores: names of stores, in the order in which they are tried$$;
revoke execute on function offload._set_chain(int, text[]) from public;
