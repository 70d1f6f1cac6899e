-- The parts of a table's primary key, each with the operators of the key's own index.
--
-- Under the search path of our functions the = of an extension's type would not be found, or another type's would be:
-- hence the operators by name.

create or replace function offload._key_part(relation regclass)
returns table (ordinal int, number smallint, name text, type text, equals text, reaches text, exceeds text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    k.ordinal::int,
    a.attnum,
    a.attname::text,
    -- Without a length: "character" alone would mean one letter.
    pg_catalog.format_type(a.atttypid, -1),
    operator_.equals,
    operator_.reaches,
    operator_.exceeds
  from pg_catalog.pg_index i
  cross join rows from (pg_catalog.unnest(i.indkey::smallint[]), pg_catalog.unnest(i.indclass::oid[])) with ordinality k (number, opclass, ordinal)
  join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
  cross join lateral (
    select
      max(f.name) filter (where f.strategy = 3),
      max(f.name) filter (where f.strategy = 4),
      max(f.name) filter (where f.strategy = 5)
    from (
      select m.amopstrategy, pg_catalog.format('operator(%I.%s)', n.nspname, o.oprname)
      from pg_catalog.pg_opclass c
      join pg_catalog.pg_amop m
        on m.amopfamily = c.opcfamily and m.amoplefttype = c.opcintype and m.amoprighttype = c.opcintype
      join pg_catalog.pg_operator o on o.oid = m.amopopr
      join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
      where c.oid = k.opclass
    ) f (strategy, name)
  ) operator_ (equals, reaches, exceeds)
  where i.indrelid = _key_part.relation and i.indisprimary and k.ordinal <= i.indnkeyatts
  order by k.ordinal;
$$;

comment on function offload._key_part(regclass) is
$$The parts of a table's primary key, each with the operators of the key's own index.

relation: the table$$;
revoke execute on function offload._key_part(regclass) from public;
