-- The SET clauses under which a key's text means the same in every session; empty for types that need none.

create or replace function offload._pinned_settings(relation regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when pg_catalog.bool_and(k.type in (
      'smallint', 'integer', 'bigint', 'numeric', 'uuid', 'text', 'character varying', 'bpchar', 'boolean', 'name'))
    then ''
    else E'\nset timezone = ''UTC''\nset datestyle = ''ISO, YMD''\nset intervalstyle = ''postgres'''
      || E'\nset bytea_output = ''hex''\nset extra_float_digits = 1'
  end
  from offload._key_part(_pinned_settings.relation) k;
$$;

comment on function offload._pinned_settings(regclass) is
$$The SET clauses under which a key's text means the same in every session.

relation: the table$$;
revoke execute on function offload._pinned_settings(regclass) from public;
