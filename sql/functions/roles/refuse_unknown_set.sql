-- Raise unless this is one of the four sets of rights.

create or replace function offload._refuse_unknown_set(kind text)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if _refuse_unknown_set.kind is null or _refuse_unknown_set.kind not in ('app', 'analyst', 'worker', 'admin') then
    raise exception using
      errcode = 'OF020', message = pg_catalog.format('there is no set of rights "%s"', _refuse_unknown_set.kind),
      hint = 'The sets are app, analyst, worker and admin.';
  end if;
end;
$$;

comment on function offload._refuse_unknown_set(text) is
$$Raise unless this is one of the four sets of rights.

kind: its name$$;
revoke execute on function offload._refuse_unknown_set(text) from public;
