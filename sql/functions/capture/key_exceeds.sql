-- The condition "this row's key comes after that one", and the ranges of which the rows after it consist.
--
-- Written out instead of a row comparison: each part may have operators of its own. Of the one condition only the first
-- part bounds a scan of the index: who reads on from a key reads range after range.

create or replace function offload._key_exceeds(relation regclass, alias text, key_expression text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_part record;
  v_condition text;
  v_bound text;
  v_value text;
  v_reaches text;
begin
  for v_part in select k.* from offload._key_part(_key_exceeds.relation) k order by k.ordinal desc loop
    v_value := pg_catalog.format('(%s ->> %s)::%s', _key_exceeds.key_expression, v_part.ordinal - 1, v_part.type);
    v_bound := pg_catalog.format('%s.%s %s %s', _key_exceeds.alias, offload._field(v_part.name), v_part.exceeds, v_value);
    if v_condition is null then
      v_condition := v_bound;
    else
      v_reaches := pg_catalog.format('%s.%s %s %s', _key_exceeds.alias, offload._field(v_part.name), v_part.reaches, v_value);
      v_condition := pg_catalog.format('(%s and (%s or %s))', v_reaches, v_bound, v_condition);
    end if;
  end loop;
  return v_condition;
end;
$$;

comment on function offload._key_exceeds(regclass, text, text) is
$$The condition "this row's key comes after that one".

relation: the table
alias: the table's name in the statement
key_expression: the key as a JSON array of texts$$;
revoke execute on function offload._key_exceeds(regclass, text, text) from public;

create or replace function offload._key_ranges(relation regclass, alias text, key_expression text)
returns table (shared int, condition text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with part as (
    select k.ordinal, k.equals, k.exceeds,
      pg_catalog.format('%s.%s', _key_ranges.alias, offload._field(k.name)) as field,
      pg_catalog.format('(%s ->> %s)::%s', _key_ranges.key_expression, k.ordinal - 1, k.type) as value
    from offload._key_part(_key_ranges.relation) k
  )
  select p.ordinal - 1, pg_catalog.string_agg(
    pg_catalog.format('%s %s %s', q.field, case when q.ordinal = p.ordinal then q.exceeds else q.equals end, q.value),
    ' and ' order by q.ordinal)
  from part p
  join part q on q.ordinal <= p.ordinal
  group by p.ordinal;
$$;

comment on function offload._key_ranges(regclass, text, text) is
$$The ranges of which the rows after a key consist: by how many of its leading parts they share with it, the most first.

relation: the table
alias: the table's name in the statement
key_expression: the key as a JSON array of texts$$;
revoke execute on function offload._key_ranges(regclass, text, text) from public;
