-- Count a table whole, and add what the counts lack: exact in this snapshot, and from here on.

create or replace function offload.recount(managed_table int)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Open the table first: behind a TRUNCATE the next statement sees it, this one might not.
  execute pg_catalog.format('select from offload._scan_%s(null, null, 1)', recount.managed_table);
  execute pg_catalog.format(
    $recount$
      insert into offload.count_entry (managed_column, leaf, rows, with_url, with_source, with_both, row_bytes)
      select
        coalesce(c.managed_column, k.managed_column), coalesce(c.leaf, k.leaf),
        coalesce(c.rows, 0) - coalesce(k.rows, 0), coalesce(c.with_url, 0) - coalesce(k.with_url, 0),
        coalesce(c.with_source, 0) - coalesce(k.with_source, 0), coalesce(c.with_both, 0) - coalesce(k.with_both, 0),
        coalesce(c.row_bytes, 0) - coalesce(k.row_bytes, 0)
      from offload._count_%1$s() c
      full join (
        select e.* from offload._leaf_count e
        join offload.managed_column m on m.id = e.managed_column
        where m.managed_table = %1$s and m.detached_at is null and e.leaf is not null
      ) k on k.managed_column = c.managed_column and k.leaf = c.leaf
      where (coalesce(c.rows, 0), coalesce(c.with_url, 0), coalesce(c.with_source, 0), coalesce(c.with_both, 0), coalesce(c.row_bytes, 0))
        <> (coalesce(k.rows, 0), coalesce(k.with_url, 0), coalesce(k.with_source, 0), coalesce(k.with_both, 0), coalesce(k.row_bytes, 0))
    $recount$,
    recount.managed_table);
end;
$$;

comment on function offload.recount(int) is
$$Count a table whole, and add what the counts lack.

managed_table: its id$$;
revoke execute on function offload.recount(int) from public;
