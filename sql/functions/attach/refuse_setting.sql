-- Turn a violated check of managed_column or setting into an error that says what is possible.

create or replace function offload._refuse_setting(violation text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_limit record;
begin
  select * into v_limit
  from (values
    ('strategy_known', 'strategy', 'The strategies are local_primary, s3_primary, hybrid and redundant.'),
    ('threshold_is_positive', 'threshold', 'A threshold is a number of bytes, 0 or more.'),
    ('policy_known', 'source_policy', 'The policies are keep, replace and clear.'),
    ('originals_known', 'originals', 'Originals are archived or discarded: archive, discard.'),
    ('grace_is_positive', 'grace', 'A grace is an interval, 0 or longer: grace => ''7 days''.'),
    ('format_known', 'format', 'The formats are smallest and webp.'),
    ('edge_in_range', 'max_edge', 'The longest side is 1 to 16383 pixels, as WebP allows.'),
    ('bytes_in_range', 'max_bytes', 'The largest result is a positive number of bytes.'),
    ('qualities_in_range', 'qualities', 'Qualities are 1 to 100, at most twenty of them: qualities => ''{85,75,60}''.'),
    ('background_is_a_colour', 'background', 'A background is a colour as in HTML: background => ''#f5f5f5''.'),
    ('effort_known', 'effort', 'The efforts are best and fast.'),
    ('attempts_in_range', 'max_attempts', 'Attempts are 1 to 1000.')
  ) l (fact, setting, hint)
  where pg_catalog.strpos(_refuse_setting.violation, 'managed_column_' || l.fact) > 0;
  raise exception using
    errcode = 'OF015',
    message = pg_catalog.format('setting %s is out of range', coalesce(v_limit.setting, '(unknown)')),
    hint = coalesce(v_limit.hint, _refuse_setting.violation);
end;
$$;

comment on function offload._refuse_setting(text) is
$$Turn a violated check into an error that says what is possible.

violation: the server's message$$;
revoke execute on function offload._refuse_setting(text) from public;
