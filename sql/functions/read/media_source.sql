-- Where media_url takes its answer from: s3, cloudinary, directory, foreign, base64, too_large or null.
--
-- PL/pgSQL, for from PostgreSQL 18 on a function in SQL reads the whole of a stored value that is given to it.

create or replace function offload.media_source(source bytea, url text)
returns text
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if url is not null and not offload._is_private(url) then
    return coalesce(
      (
        select p.kind from offload.url_prefix p
        where pg_catalog.starts_with(url, p.prefix)
        order by pg_catalog.length(p.prefix) desc
        limit 1
      ),
      'foreign');
  end if;
  return case
    when pg_catalog.octet_length(source) > 536870912 then 'too_large'
    when pg_catalog.octet_length(source) > 0 then 'base64'
  end;
end;
$$;

comment on function offload.media_source(bytea, text) is
$$Where media_url takes its answer from: s3, cloudinary, directory, foreign, base64, too_large or null.

source: the managed column
url: its URL column$$;

create or replace function offload.media_source(source text, url text)
returns text
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if url is not null and not offload._is_private(url) then
    return coalesce(
      (
        select p.kind from offload.url_prefix p
        where pg_catalog.starts_with(url, p.prefix)
        order by pg_catalog.length(p.prefix) desc
        limit 1
      ),
      'foreign');
  end if;
  return case
    when pg_catalog.octet_length(source) > 536870912 then 'too_large'
    when pg_catalog.left(source, 8) ~ '^https?://' then 'foreign'
    when pg_catalog.octet_length(source) > 0 then 'base64'
  end;
end;
$$;

comment on function offload.media_source(text, text) is
$$Where media_url takes its answer from: s3, cloudinary, directory, foreign, base64, too_large or null.

source: the managed column
url: its URL column$$;

create or replace function offload.media_source(source bytea[], url text[])
returns text[]
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case when source is not null or url is not null then array(
    select offload.media_source(e.source, e.url)
    from rows from (pg_catalog.unnest(source), pg_catalog.unnest(url)) with ordinality e (source, url, position)
    order by e.position
  ) end;
$$;

comment on function offload.media_source(bytea[], text[]) is
$$Where media_url takes its answers from, each in its place.

source: the managed column
url: its URL column$$;

create or replace function offload.media_source(source text[], url text[])
returns text[]
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case when source is not null or url is not null then array(
    select offload.media_source(e.source, e.url)
    from rows from (pg_catalog.unnest(source), pg_catalog.unnest(url)) with ordinality e (source, url, position)
    order by e.position
  ) end;
$$;

comment on function offload.media_source(text[], text[]) is
$$Where media_url takes its answers from, each in its place.

source: the managed column
url: its URL column$$;

grant execute on function
  offload.media_source(bytea, text), offload.media_source(text, text), offload.media_source(bytea[], text[]),
  offload.media_source(text[], text[]) to public;
