-- What the write-back shall do to each row's columns, in the form that the generated function takes.

create or replace function offload._wish(items jsonb)
returns table (job bigint, columns jsonb)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    with item as materialized (
      select i.*
      from pg_catalog.jsonb_to_recordset(_wish.items) i (
        job bigint, "column" int, position int, elements int, raw text, was text, url text, content int, clears boolean)
      -- Where the source is gone, the URL that there is stays until there is something better.
      where i.was is null or i.content is not null or i.url <> i.was
    ), scalar as (
      select i.job, i."column", pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'raw', i.raw, 'was', i.was, 'url', i.url, 'content', i.content,
        'clear', case when i.clears then true end)) as wish
      from item i
      where i.position = 0
    ), array_ as (
      -- Elements without an item, nulls among them, keep their places.
      select i.job, i."column", pg_catalog.jsonb_build_object(
          'raw', pg_catalog.jsonb_agg(e.raw order by i.position), 'urls',
          case when count(e.url) > 0 then pg_catalog.jsonb_agg(e.url order by i.position) end)
        || case when pg_catalog.bool_or(e.content is not null)
          then pg_catalog.jsonb_build_object('contents', pg_catalog.jsonb_agg(e.content order by i.position))
          else '{}' end as wish
      from (
        select i.job, i."column", pg_catalog.generate_series(1, max(i.elements)) as position
        from item i
        where i.position > 0
        group by i.job, i."column"
      ) i
      left join item e on e.job = i.job and e."column" = i."column" and e.position = i.position
      group by i.job, i."column"
    )
    select w.job, pg_catalog.jsonb_object_agg(w."column", w.wish)
    from (select s.* from scalar s union all select a.* from array_ a) w
    group by w.job;
end;
$$;

comment on function offload._wish(jsonb) is
$$What the write-back shall do to each row's columns.

items: as _judge returns them$$;
revoke execute on function offload._wish(jsonb) from public;
