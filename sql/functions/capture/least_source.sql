-- From how many bytes on a stored value is a source: an empty one is none.
--
-- For an array only the stored size can be had without reading it: an empty array is a header of at most 16 bytes, and
-- any element makes it longer.

create or replace function offload._least_source(column_type text)
returns int
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when _least_source.column_type like '%[]' then 17 else 1 end;
$$;

comment on function offload._least_source(text) is
$$From how many bytes on a stored value is a source.

column_type: its column's type$$;
revoke execute on function offload._least_source(text) from public;
