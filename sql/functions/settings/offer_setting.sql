-- Fill a setting that nobody has set, and say what holds.

create or replace function offload.offer_setting(name text, value text)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  insert into offload.setting (name, value, origin)
  values (offer_setting.name, offer_setting.value, 'environment')
  on conflict do nothing;
  return (select s.value from offload.setting s where s.name = offer_setting.name);
end;
$$;

comment on function offload.offer_setting(text, text) is
$$Fill a setting that nobody has set, from a worker's environment; returns what holds.

name: the setting
value: what the environment says$$;
revoke execute on function offload.offer_setting(text, text) from public;
