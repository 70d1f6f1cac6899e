select test.rows($$
  select p.oid::regprocedure::text, a.name
  from pg_proc p
  cross join unnest(p.proargnames[1:p.pronargs]) a (name)
  where p.pronamespace = 'offload'::regnamespace
    and obj_description(p.oid, 'pg_proc') !~ ('(^|\n)' || a.name || ': ')$$, '{}');
select test.rows($$
  select p.oid::regprocedure::text from pg_proc p
  where p.pronamespace = 'offload'::regnamespace and p.pronargs > 0 and cardinality(p.proargnames) is null$$, '{}', 'no argument without a name');
