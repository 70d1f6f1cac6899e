-- Whether a URL, or any of several, is ours and not foreign.

create or replace function offload.lies_in_store(url text)
returns boolean
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select exists (select from offload.url_prefix p where pg_catalog.starts_with(lies_in_store.url collate "C", p.prefix));
$$;

comment on function offload.lies_in_store(text) is
$$Whether a URL lies in one of the stores, and so belongs to pg_offload.

url: the URL; null gives false$$;

create or replace function offload.lies_in_store(urls text[])
returns boolean
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select
    from pg_catalog.unnest(lies_in_store.urls) u (url)
    join offload.url_prefix p on pg_catalog.starts_with(u.url collate "C", p.prefix));
$$;

comment on function offload.lies_in_store(text[]) is
$$Whether any of several URLs lies in one of the stores.

urls: the URLs; nulls among them do not count$$;

grant execute on function offload.lies_in_store(text), offload.lies_in_store(text[]) to public;
