select test.rows($$
  select p.oid::regprocedure::text, pg_catalog.left(r.text, 80)
  from pg_proc p
  cross join regexp_split_to_table(p.prosrc, 'raise exception using') with ordinality r (text, n)
  where p.pronamespace = 'offload'::regnamespace and r.n > 1 and r.text !~ 'hint\s*='$$, '{}');
