-- A body that begins atomic was bound to what it names when it was made.
select test.shop();
select test.rows($$
  select p.oid::regprocedure::text from pg_proc p
  where p.pronamespace = 'offload'::regnamespace and p.prosqlbody is null
    and not coalesce(p.proconfig @> '{"search_path=pg_catalog, pg_temp"}', false)$$, '{}');
