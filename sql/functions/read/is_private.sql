-- Whether a URL lies in a store whose URLs do not open.

create or replace function offload._is_private(url text)
returns boolean
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from offload.url_prefix p where p.access = 'private' and pg_catalog.starts_with(_is_private.url, p.prefix));
$$;

comment on function offload._is_private(text) is
$$Whether a URL lies in a store whose URLs do not open.

url: the URL$$;
grant execute on function offload._is_private(text) to public;
