-- The condition that finds a table's row by a key given as a JSON array of texts.
--
-- Equal values may have unequal texts (1.0 and 1.00). Only the row's own text is its key, or one row had two items.

create or replace function offload._key_join(relation regclass, alias text, key_expression text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.string_agg(
    pg_catalog.format(
      case when k.type in ('smallint', 'integer', 'bigint', 'uuid', 'boolean') then '%1$s.%2$s %3$s (%4$s ->> %5$s)::%6$s'
        else '%1$s.%2$s %3$s (%4$s ->> %5$s)::%6$s and %1$s.%2$s::text = %4$s ->> %5$s' end,
      alias, offload._field(k.name), k.equals, key_expression, k.ordinal - 1, k.type),
    ' and ' order by k.ordinal)
  from offload._key_part(_key_join.relation) k;
$$;

comment on function offload._key_join(regclass, text, text) is
$$The condition that finds a table's row by a key given as a JSON array of texts.

relation: the table
alias: the table's name in the statement
key_expression: the JSON array$$;
revoke execute on function offload._key_join(regclass, text, text) from public;
