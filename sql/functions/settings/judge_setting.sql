-- Refuse a setting that no managed column could hold.
--
-- By its shape alone: a restored dump brings the settings before the stores that they name.

create or replace function offload._judge_setting()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_fits boolean;
  v_qualities int[];
begin
  begin
    if new.name = 'qualities' then
      v_qualities := new.value::int[];
    end if;
    v_fits := case new.name
      when 'strategy' then new.value in ('local_primary', 's3_primary', 'hybrid', 'redundant')
      when 'threshold' then new.value::bigint >= 0
      when 'local_store' then new.value ~ '^[a-z][a-z0-9_]{0,62}$'
      when 'source_policy' then new.value in ('keep', 'replace', 'clear')
      when 'originals' then new.value in ('archive', 'discard')
      when 'grace' then new.value::interval >= '0'
      when 'format' then new.value in ('smallest', 'webp')
      when 'max_edge' then new.value::int between 1 and 16383
      when 'max_bytes' then new.value::bigint > 0
      when 'qualities' then pg_catalog.cardinality(v_qualities) between 1 and 20
        and pg_catalog.array_position(v_qualities, null) is null
        and 1 <= all (v_qualities) and 100 >= all (v_qualities)
      when 'flatten' then new.value::boolean is not null
      when 'background' then new.value ~ '^#[0-9A-Fa-f]{6}$'
      when 'effort' then new.value in ('best', 'fast')
      when 'accept_truncated' then new.value::boolean is not null
      when 'max_attempts' then new.value::int between 1 and 1000
      when 'doorbell' then new.value in ('on', 'off')
      when 'sweep_every' then new.value::interval >= '0'
    end;
  exception when data_exception then
    v_fits := false;
  end;
  if v_fits then
    return new;
  end if;
  raise exception using
    errcode = 'OF015', message = pg_catalog.format('setting %s cannot be "%s"', new.name, new.value),
    hint = case new.name
      when 'strategy' then 'The strategies are local_primary, s3_primary, hybrid and redundant.'
      when 'threshold' then 'A threshold is a number of bytes, 0 or more: 10000000.'
      when 'local_store' then 'Give the name of a directory store: offload.add_store.'
      when 'source_policy' then 'The policies are keep, replace and clear.'
      when 'originals' then 'Originals are archived or discarded: archive, discard.'
      when 'grace' then 'A grace is an interval, 0 or longer: 7 days.'
      when 'format' then 'The formats are smallest and webp.'
      when 'max_edge' then 'The longest side is 1 to 16383 pixels, as WebP allows: 1024.'
      when 'max_bytes' then 'The largest result is a positive number of bytes: 500000.'
      when 'qualities' then 'Qualities are 1 to 100, at most twenty of them: {85,75,60}.'
      when 'background' then 'A background is a colour as in HTML: #f5f5f5.'
      when 'effort' then 'The efforts are best and fast.'
      when 'max_attempts' then 'Attempts are 1 to 1000.'
      when 'doorbell' then 'The doorbell is on or off.'
      when 'sweep_every' then 'Say how long a table is left alone before it is looked at again: 1 day; 0: never by itself.'
      when 'flatten' then 'Write true or false.'
      when 'accept_truncated' then 'Write true or false.'
      else 'The settings are strategy, threshold, local_store, source_policy, originals, grace, format, max_edge, '
        || 'max_bytes, qualities, flatten, background, effort, accept_truncated, max_attempts, doorbell and sweep_every.'
    end;
end;
$$;

comment on function offload._judge_setting() is 'Refuse a setting that no managed column could hold, and say what is possible.';
revoke execute on function offload._judge_setting() from public;

create or replace trigger setting_fits before insert or update on offload.setting
for each row execute function offload._judge_setting();
