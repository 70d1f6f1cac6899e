-- Tie something generated to the extension, where there is one, so that it goes with it.

create or replace function offload._depend_on_extension(what text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select from pg_catalog.pg_extension e where e.extname = 'pg_offload') then
    execute pg_catalog.format('alter %s depends on extension pg_offload', _depend_on_extension.what);
  end if;
end;
$$;

comment on function offload._depend_on_extension(text) is
$$Tie something generated to the extension, where there is one.

what: its kind and name, as in ALTER$$;
revoke execute on function offload._depend_on_extension(text) from public;
