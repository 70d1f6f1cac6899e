select test.rows($$select p.oid::regprocedure::text from pg_proc p where p.pronamespace = 'offload'::regnamespace and p.prosrc ~* 'exception\s+when\s+others'$$, '{}');
