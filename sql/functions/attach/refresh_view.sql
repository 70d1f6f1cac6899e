-- Make a managed table's view anew, with what people have given it: owner, rights, comments.

create or replace function offload.refresh_view(relation regclass)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
  v_table int := offload._managed_table(refresh_view.relation);
begin
  perform offload._refuse_relation(refresh_view.relation);
  perform offload._generate_view(v_table);
  perform offload._grant_generated(v_table);
end;
$$;

comment on function offload.refresh_view(regclass) is
$$Make a managed table's view anew, with every column that the table has now. The view's owner, the rights and comments
that it and its columns were given stay.

relation: the managed table$$;
revoke execute on function offload.refresh_view(regclass) from public;
