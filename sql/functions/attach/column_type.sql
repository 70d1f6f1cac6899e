-- Which of the four manageable types a type is, with domains taken off; null: none.

create or replace function offload._column_type(type oid)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when t.typtype = 'd' then offload._column_type(t.typbasetype)
    when t.oid in ('text'::regtype, 'varchar'::regtype) then 'text'
    when t.oid = 'bytea'::regtype then 'bytea'
    when t.oid in ('text[]'::regtype, 'varchar[]'::regtype) then 'text[]'
    when t.oid = 'bytea[]'::regtype then 'bytea[]'
  end
  from pg_catalog.pg_type t
  where t.oid = _column_type.type;
$$;

comment on function offload._column_type(oid) is
$$Which of the manageable types a type is: text, bytea, text[], bytea[] or null.

type: the type's oid$$;
revoke execute on function offload._column_type(oid) from public;
