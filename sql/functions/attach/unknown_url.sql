-- A URL in a column that lies in one of our stores, which knows no object there: another program's, most likely.
--
-- Some two hundred pages are looked at, spread over the table, however large it is.

create or replace function offload._unknown_url(relation regclass, url_column text, url_type text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_pages numeric := (
    select pg_catalog.sum(pg_catalog.pg_relation_size(r.relation)) / pg_catalog.current_setting('block_size')::int
    from (
      select _unknown_url.relation
      union
      select p.relid from pg_catalog.pg_partition_tree(_unknown_url.relation) p where p.isleaf
    ) r (relation)
    join pg_catalog.pg_class c on c.oid = r.relation and c.relkind = 'r');
  v_url text;
begin
  execute pg_catalog.format(
    'select u.url from (select %s from %s tablesample system (%s) repeatable (0)) u (url)'
      ' where offload.lies_in_store(u.url) and offload._object_at(u.url) is null limit 1',
    pg_catalog.format(case when _unknown_url.url_type like '%[]' then 'pg_catalog.unnest(%I)' else '%I' end,
      _unknown_url.url_column),
    offload._table_expression(_unknown_url.relation), least(100, 20000 / greatest(v_pages, 1)))
    into v_url;
  return v_url;
end;
$$;

comment on function offload._unknown_url(regclass, text, text) is
$$A URL that lies in one of our stores, which knows no object there, found in a sample of a table's rows; null: none.

relation: the table
url_column: the column of URLs
url_type: its type: text or text[]$$;
revoke execute on function offload._unknown_url(regclass, text, text) from public;
