-- Finish claimed rows, many in one transaction: write the URLs back, and record what became of each value.
--
-- Each row passes the fence of its table's write-back, and a source goes only here: the row still holds the bytes
-- that were processed, the object is the one that a store has answered for, and new bytes are the object's own.
-- Answers for each job what became of it: written, unchanged or gone (done); changed or locked (looked at again at
-- once); unplaced (no wanted store holds the object yet); waiting (the source goes after its grace); lost (the lease
-- had ended, and nothing was done).
--
-- results: [{"job", "ctid", "xmin", "items": [{"column", "position", "elements", "raw", "source", "source_bytes",
-- "object", "refusal", "detail", "content", "adopt"}]}] with hashes in hex. A row that is gone has ctid null; a
-- column without a source has no item, or one with its URL in "adopt". "detail" without "refusal" is a note. "content" is the place of the bytes that
-- replace the source, in contents, from 1.

create or replace function offload.complete(lease uuid, results jsonb, contents bytea[] default '{}')
returns table (job bigint, outcome text)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $$
#variable_conflict use_column
declare
  v_rows jsonb;
  v_items jsonb;
  v_outcomes jsonb := '{}';
  v_table record;
begin
  v_rows := offload._held(complete.lease, complete.results);
  v_items := offload._judge(v_rows, complete.results, complete.contents);

  for v_table in
    select r."table" as id, pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'n', r.job, 'key', r.key, 'ctid', r.ctid, 'xmin', r.xmin, 'columns', coalesce(w.columns, '{}'))) as rows
    from pg_catalog.jsonb_to_recordset(v_rows) r (job bigint, "table" int, key jsonb, ctid text, xmin text)
    left join offload._wish(v_items) w on w.job = r.job
    -- A row that was gone passes the fence, too: it may be there again, and another worker may have seen it first. With
    -- its table every row is gone.
    where r.ctid is not null or exists (
      select from offload.managed_table t join pg_catalog.pg_class c on c.oid = t.relation where t.id = r."table")
    group by r."table"
  loop
    execute pg_catalog.format(
      'select $1 || coalesce(pg_catalog.jsonb_object_agg(w.n, pg_catalog.jsonb_build_object(''outcome'', w.outcome, ''xmin'', w.row_xmin)), ''{}'') from offload._write_back_%s($2, $3) w',
      v_table.id)
      into v_outcomes
      using v_outcomes, v_table.rows, complete.contents;
  end loop;

  return query
    select s.job, s.outcome from offload._settle(complete.lease, v_rows, v_items, v_outcomes) s;
end;
$$;

comment on function offload.complete(uuid, jsonb, bytea[]) is
$$Finish claimed rows: write the URLs back, and record what became of each value.
Outcomes: written, unchanged, gone (done); changed, locked (looked at again at once); unplaced (no wanted store holds
the object yet); waiting (the source goes after its grace); lost (the lease had ended, nothing was done).

lease: as the claim gave it
results: for each job what was fetched and made of it; the form stands in docs/architecture.md
contents: the bytes that replace sources$$;
revoke execute on function offload.complete(uuid, jsonb, bytea[]) from public;
