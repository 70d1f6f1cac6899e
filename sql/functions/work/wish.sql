-- What the rows' write-back shall do to each of their columns, in the form that the generated function takes.

create or replace function offload._wish(items jsonb)
returns table (job bigint, managed_column int, wish jsonb)
language sql
stable
set search_path = ''
as $$
  with row_column as (
    select
      i.job, i."column",
      max(i.position) > 0 as is_array, max(i.elements) as elements, max(i.raw) as raw, max(i.url) as url,
      max(i.content) as content, pg_catalog.bool_and(i.clears) as clears,
      pg_catalog.jsonb_object_agg(i.position, i.raw) as raws, pg_catalog.jsonb_object_agg(i.position, i.url) as urls,
      pg_catalog.jsonb_object_agg(i.position, i.content) as contents
    from pg_catalog.jsonb_to_recordset(_wish.items) i (
      job bigint, "column" int, position int, elements int, raw text, url text, content int, is_adopted boolean, clears boolean)
    where not i.is_adopted
    group by i.job, i."column"
  )
  select
    c.job, c."column",
    case when c.is_array then (
      -- Each element in its place, with null where there is none; no URL at all is null, not an array of nulls.
      select pg_catalog.jsonb_build_object(
          'raw', pg_catalog.jsonb_agg(c.raws -> n.place order by n.ordinal),
          'urls', case when c.url is not null then pg_catalog.jsonb_agg(c.urls -> n.place order by n.ordinal) end)
        || case when c.content is null then '{}'
          else pg_catalog.jsonb_build_object('contents', pg_catalog.jsonb_agg(c.contents -> n.place order by n.ordinal)) end
      from (select g.ordinal, g.ordinal::text as place from pg_catalog.generate_series(1, c.elements) g (ordinal)) n
    ) else pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
      'raw', c.raw, 'url', c.url, 'content', c.content, 'clear', case when c.clears then true end))
    end
  from row_column c;
$$;

comment on function offload._wish(jsonb) is
$$What the rows' write-back shall do to each of their columns.

items: as _judge returns them$$;
revoke execute on function offload._wish(jsonb) from public;
