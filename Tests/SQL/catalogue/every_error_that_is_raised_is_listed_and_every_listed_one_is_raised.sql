-- OF018 and OF022 are raised by the install scripts.
select test.rows($$
  with raised as (
    select distinct (regexp_matches(p.prosrc, '''(OF[0-9A-Z]{3})''', 'g'))[1] as sqlstate
    from pg_proc p where p.pronamespace = 'offload'::regnamespace
  )
  select coalesce(r.sqlstate, e.sqlstate) from raised r full join offload.error_code e on e.sqlstate = r.sqlstate
  where (r.sqlstate is null or e.sqlstate is null) and coalesce(e.sqlstate, '') not in ('OF018', 'OF022')$$, '{}');
select test.rows('select sqlstate from offload.error_code group by 1 having count(*) > 1', '{}');
select test.holds(bool_and(name ~ '^[a-z_]+$' and means <> '' and remedy <> '')) from offload.error_code;
