-- The condition that finds a table's row by a key given as a JSON array of texts.

create or replace function offload._key_join(relation regclass, alias text, key_expression text)
returns text
language sql
stable
set search_path = ''
as $$
  select pg_catalog.string_agg(
    pg_catalog.format('%s.%I %s (%s ->> %s)::%s', alias, k.name, k.equals, key_expression, k.ordinal - 1, k.type),
    ' and ' order by k.ordinal)
  from offload._key_part(_key_join.relation) k;
$$;

comment on function offload._key_join(regclass, text, text) is
$$The condition that finds a table's row by a key given as a JSON array of texts.

relation: the table
alias: the table's name in the statement
key_expression: the JSON array$$;
revoke execute on function offload._key_join(regclass, text, text) from public;
