-- Raise unless a managed column's settings agree with each other and with the column.

create or replace function offload._refuse_policy(managed_column int)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column offload.effective_column;
  v_is_not_null boolean;
  v_name text;
begin
  select e.* into v_column from offload.effective_column e where e.id = _refuse_policy.managed_column;
  v_name := pg_catalog.format('column %I of table %s', v_column.column_name, v_column.relation);
  v_is_not_null := (
    select a.attnotnull from pg_catalog.pg_attribute a
    where a.attrelid = v_column.relation and a.attname = v_column.column_name and not a.attisdropped);

  if v_column.strategy <> 'local_primary' and not exists (
    select from offload.chain h where h.managed_column = _refuse_policy.managed_column) then
    raise exception using
      errcode = 'OF009', message = pg_catalog.format('strategy %s for %s names no store', v_column.strategy, v_name),
      hint = coalesce(
        'Name the stores: stores => ''{'
          || (select pg_catalog.string_agg(s.name, ',' order by s.id) from offload.store s where s.kind in ('s3', 'cloudinary', 'directory'))
          || '}''.',
        'Add a store first: select offload.add_store(''media'', ''s3'', bucket => ''…'');');
  end if;
  if v_column.source_policy = 'clear' and (v_is_not_null or v_column.column_type like '%[]') then
    raise exception using
      errcode = 'OF010',
      message = pg_catalog.format('the source cannot be cleared: %s is %s', v_name,
        case when v_is_not_null then 'not null' else 'an array' end),
      hint = case when v_is_not_null
        then pg_catalog.format('Allow null: alter table %s alter column %I drop not null; or use source_policy => ''replace''.',
          v_column.relation, v_column.column_name)
        else 'Use source_policy => ''replace'' or ''keep''.' end;
  end if;
  if v_column.source_policy = 'clear' and v_column.strategy = 'local_primary' then
    raise exception using
      errcode = 'OF010',
      message = pg_catalog.format('the source cannot be cleared: strategy local_primary keeps %s in its row', v_name),
      hint = 'Choose a strategy with a remote store, or source_policy => ''replace''.';
  end if;
  if v_column.source_policy = 'clear' and v_column.strategy = 'redundant' and offload._wants_row(
    v_column.strategy, 0, v_column.threshold, v_column.local_store) then
    raise exception using
      errcode = 'OF010',
      message = pg_catalog.format('the source cannot be cleared: strategy redundant keeps %s in its row, too', v_name),
      hint = 'Name a directory as the second place: local_store => ''…''; or use strategy s3_primary, or source_policy => ''replace''.';
  end if;
  if v_column.source_policy = 'clear' and exists (
    select from offload.chain h join offload.store s on s.id = h.store
    where h.managed_column = _refuse_policy.managed_column and s.access = 'private') then
    raise exception using
      errcode = 'OF010',
      message = pg_catalog.format('the source cannot be cleared: %s goes to a private store, whose URLs do not open', v_name),
      hint = 'Use a store with access => ''direct'', or source_policy => ''replace'' or ''keep''.';
  end if;
  if v_column.kind = 'image' and v_column.source_policy in ('replace', 'clear') and v_column.originals is null then
    raise exception using
      errcode = 'OF011',
      message = pg_catalog.format('source_policy %s would drop the original images of %s', v_column.source_policy, v_name),
      hint = 'Say what becomes of them: originals => ''archive'' (into a store first) or originals => ''discard''.';
  end if;
  if v_column.kind = 'image' and v_column.source_policy in ('replace', 'clear') and v_column.originals = 'archive'
    and not exists (select from offload.archive_store(v_column.id)) then
    raise exception using
      errcode = 'OF009', message = pg_catalog.format('the originals of %s are to be archived, and no store is named', v_name),
      hint = 'Name one: stores => ''{…}''; strategy local_primary archives there and keeps all else in the row. Or say originals => ''discard''.';
  end if;
end;
$$;

comment on function offload._refuse_policy(int) is
$$Raise unless a managed column's settings agree with each other and with the column.

managed_column: its id$$;
revoke execute on function offload._refuse_policy(int) from public;
