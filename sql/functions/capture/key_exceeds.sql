-- The condition "this row's key comes after that one", which the key's index can serve.
--
-- Written out instead of a row comparison: each part may have operators of its own. The first part alone bounds the
-- index scan.

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
