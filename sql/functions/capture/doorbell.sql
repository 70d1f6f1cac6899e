-- The advisory lock by which producers and the listener find each other; such locks are a database's own.
--
-- A dozing listener holds it exclusively. A producer that cannot share it rings; one that can, holds it until its
-- commit is visible, and the listener cannot doze before.

create or replace function offload._doorbell()
returns int
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select 16715949;
$$;

comment on function offload._doorbell() is 'The first key of the advisory lock between producers and the listener; the second is 1.';
revoke execute on function offload._doorbell() from public;
