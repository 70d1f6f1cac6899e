-- The condition that a row's write-back changes a source, not only URLs.

create or replace function offload._wants_source(columns text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.format(
    'exists (select from pg_catalog.jsonb_each(%s) c (id, wish) where c.wish ?| ''{content,contents}'' or (c.wish ->> ''clear'')::boolean)',
    _wants_source.columns);
$$;

comment on function offload._wants_source(text) is
$$The condition that a row's write-back changes a source, not only URLs.

columns: the expression of its wishes$$;
revoke execute on function offload._wants_source(text) from public;
