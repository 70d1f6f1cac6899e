-- End the management of a column. The table stays as it is, and every URL goes on opening.

create or replace function offload.detach(relation regclass, column_name text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
  v_column offload.managed_column := offload._managed(detach.relation, detach.column_name);
  v_has_key boolean := exists (select from offload._key_part(detach.relation));
  v_bare bigint;
begin
  perform offload._refuse_relation(detach.relation, needs_key => false);
  -- With the last column its triggers go, which takes the strongest lock: at once, so that none is to grow.
  perform offload._lock_table(detach.relation, case when exists (
      select from offload.managed_column c
      where c.managed_table = v_column.managed_table and c.id <> v_column.id and c.detached_at is null)
    then 'share row exclusive' else 'access exclusive' end);
  v_bare := (
    select s.with_s3 - s.with_both from offload.storage_stats s
    where s.relation = detach.relation and s.column_name = detach.column_name);
  perform offload._drop_view(v_column.managed_table);
  update offload.managed_column c set detached_at = pg_catalog.clock_timestamp() where c.id = v_column.id;
  if exists (
    select from offload.managed_column c where c.managed_table = v_column.managed_table and c.detached_at is null) then
    if v_has_key then
      perform offload._generate(v_column.managed_table);
    else
      raise notice using
        message = pg_catalog.format('table %s has no primary key, so its triggers and its view cannot be made for the other columns alone',
          detach.relation),
        hint = pg_catalog.format('Detach those, too; or give it a key, and then: select offload.refresh(%L);', detach.relation::text);
    end if;
  else
    perform offload._degenerate(v_column.managed_table);
    perform offload._distrust();
    update offload.managed_table t set detached_at = pg_catalog.clock_timestamp() where t.id = v_column.managed_table;
    delete from offload.backfill b where b.managed_table = v_column.managed_table;
    delete from offload.arrival j where j.managed_table = v_column.managed_table;
    -- A claim may have moved some meanwhile: who waited for it above sees them now.
    delete from offload.job j where j.managed_table = v_column.managed_table;
  end if;
  raise notice using
    message = pg_catalog.format('column %I of table %s is managed no more; its objects stay where they are',
      detach.column_name, detach.relation),
    hint = pg_catalog.format('When its URLs are needed no more: select offload.release_detached(%L, %L);',
      detach.relation::text, detach.column_name);
  if v_bare > 0 and exists (
    select from offload.item i where i.managed_column = v_column.id and i.is_remote and i.object_hash is not null) then
    raise notice using
      message = pg_catalog.format('%s rows of table %s have a URL in %I and nothing in %I: what they show is in its store alone',
        v_bare, detach.relation, v_column.url_column, detach.column_name),
      hint = 'Keep the store. To have the sources back: attach the column again with strategy => ''local_primary'', and work.';
  end if;
end;
$$;

comment on function offload.detach(regclass, text) is
$$End the management of a column. The table stays as it is, every URL goes on opening, and nothing is collected.

relation: the table
column_name: the managed column$$;
revoke execute on function offload.detach(regclass, text) from public;
