-- The URL under which a value can be had now: its remote URL, else itself as a data URI, else null.
--
-- A value that no text of Postgres could carry as base64 gives null instead of failing the whole SELECT.

create or replace function offload.media_url(source bytea, url text)
returns text
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if url is not null and not offload._is_private(url) then
    return url;
  elsif source is null or pg_catalog.octet_length(source) not between 1 and 536870912 then
    return null;
  end if;
  return 'data:' || offload.media_type(pg_catalog.substr(source, 1, 64)) || ';base64,'
    || pg_catalog.translate(pg_catalog.encode(source, 'base64'), E'\n', '');
end;
$$;

comment on function offload.media_url(bytea, text) is
$$The URL under which a value can be had now: its remote URL, else a data URI, else null.

source: the managed column
url: its URL column$$;

create or replace function offload.media_url(source text, url text)
returns text
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_head text;
begin
  if url is not null and not offload._is_private(url) then
    return url;
  elsif source is null or pg_catalog.octet_length(source) not between 1 and 536870912 then
    return null;
  end if;
  v_head := pg_catalog.left(source, 64);
  if v_head ~ '^https?://' then
    return source;
  elsif v_head ~ '^data:' then
    return pg_catalog.translate(source, E'\n\r\t ', '');
  end if;
  return 'data:' || offload.media_type(offload._base64_head(v_head)) || ';base64,'
    || pg_catalog.translate(source, E'\n\r\t ', '');
end;
$$;

comment on function offload.media_url(text, text) is
$$The URL under which a value can be had now: its remote URL, else a data URI, else null.

source: the managed column
url: its URL column$$;

create or replace function offload.media_url(source bytea[], url text[])
returns text[]
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case when source is not null or url is not null then array(
    select offload.media_url(e.source, e.url)
    from rows from (pg_catalog.unnest(source), pg_catalog.unnest(url)) with ordinality e (source, url, position)
    order by e.position
  ) end;
$$;

comment on function offload.media_url(bytea[], text[]) is
$$The URLs under which the values of an array can be had now, each in its place.

source: the managed column
url: its URL column$$;

create or replace function offload.media_url(source text[], url text[])
returns text[]
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case when source is not null or url is not null then array(
    select offload.media_url(e.source, e.url)
    from rows from (pg_catalog.unnest(source), pg_catalog.unnest(url)) with ordinality e (source, url, position)
    order by e.position
  ) end;
$$;

comment on function offload.media_url(text[], text[]) is
$$The URLs under which the values of an array can be had now, each in its place.

source: the managed column
url: its URL column$$;

grant execute on function
  offload.media_url(bytea, text), offload.media_url(text, text), offload.media_url(bytea[], text[]),
  offload.media_url(text[], text[]) to public;
