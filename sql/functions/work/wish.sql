-- What one row's write-back shall do to each of its columns, in the form that the generated function takes.

create or replace function offload._wish(items jsonb, job bigint)
returns table (managed_column int, wish jsonb)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    i."column",
    case when max(i.position) = 0 then pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'raw', max(i.raw), 'url', max(i.url), 'content', max(i.content),
        'clear', case when pg_catalog.bool_and(i.may_clear and i.placed_at + i.grace <= pg_catalog.clock_timestamp()) then true end))
    else pg_catalog.jsonb_build_object(
        'raw', (
          select pg_catalog.jsonb_agg(e.raw order by n.position)
          from pg_catalog.generate_series(1, max(i.elements)) n (position)
          left join pg_catalog.jsonb_to_recordset(_wish.items) e (job bigint, "column" int, position int, raw text)
            on e.job = _wish.job and e."column" = i."column" and e.position = n.position),
        'urls', (
          select pg_catalog.jsonb_agg(e.url order by n.position)
          from pg_catalog.generate_series(1, max(i.elements)) n (position)
          left join pg_catalog.jsonb_to_recordset(_wish.items) e (job bigint, "column" int, position int, url text)
            on e.job = _wish.job and e."column" = i."column" and e.position = n.position))
      || case when pg_catalog.bool_or(i.content is not null) then pg_catalog.jsonb_build_object('contents', (
          select pg_catalog.jsonb_agg(e.content order by n.position)
          from pg_catalog.generate_series(1, max(i.elements)) n (position)
          left join pg_catalog.jsonb_to_recordset(_wish.items) e (job bigint, "column" int, position int, content int)
            on e.job = _wish.job and e."column" = i."column" and e.position = n.position))
        else '{}' end
    end
  from pg_catalog.jsonb_to_recordset(_wish.items) i (
    job bigint, "column" int, position int, elements int, raw text, url text, content int, is_adopted boolean,
    may_clear boolean, placed_at timestamptz, grace interval)
  where i.job = _wish.job and not i.is_adopted
  group by i."column";
$$;

comment on function offload._wish(jsonb, bigint) is
$$What one row's write-back shall do to each of its columns.

items: as _judge returns them
job: the row's job$$;
revoke execute on function offload._wish(jsonb, bigint) from public;
