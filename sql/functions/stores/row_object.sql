-- The store that is the rows themselves, as a list of objects: those that rows hold at this moment.

create or replace function offload.row_objects(prefix text default '', after text default '', batch int default 1000)
returns table (key text, bytes bigint, media_type text, placed_at timestamptz)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select k.key, o.bytes, o.media_type, max(i.seen_at)
    from offload.item i
    join offload.effective_column e on e.id = i.managed_column
    join offload.object o on o.hash = i.object_hash
    cross join lateral (values (offload._object_key(o.hash, o.media_type) collate "C")) k (key)
    -- A source that is its own object lies in its row unless it was cleared; one that was replaced is its object now.
    where e.source_policy <> 'clear' and (i.source_hash = i.object_hash or e.source_policy = 'replace')
      and pg_catalog.starts_with(k.key, row_objects.prefix) and k.key > row_objects.after collate "C"
    group by k.key, o.bytes, o.media_type
    order by k.key
    limit row_objects.batch;
end;
$$;

comment on function offload.row_objects(text, text, int) is
$$The objects that rows hold, in the order of their keys.

prefix: what their keys begin with
after: the last key of the page before
batch: at most so many$$;
revoke execute on function offload.row_objects(text, text, int) from public;

create or replace function offload.read_row_object(key text)
returns bytea
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_hash bytea;
  v_item record;
  v_bytes bytea;
begin
  if read_row_object.key !~ '^[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]+$' then
    return null;
  end if;
  v_hash := pg_catalog.decode(pg_catalog.substr(read_row_object.key, 7, 64), 'hex');
  for v_item in
    select e.managed_table, e.id, e.column_type, i.key, i.position
    from offload.item i
    join offload.effective_column e on e.id = i.managed_column
    join offload.object o on o.hash = i.object_hash
    where i.object_hash = v_hash and offload._object_key(o.hash, o.media_type) = read_row_object.key
      and e.source_policy <> 'clear' and (i.source_hash = i.object_hash or e.source_policy = 'replace')
    limit 10
  loop
    execute pg_catalog.format(
      'select coalesce(f.source_bytea, pg_catalog.convert_to(f.source_text, ''UTF8'')) from offload._fetch_%s($1, 1073741824) f where f.managed_column = $2 and f.position = $3',
      v_item.managed_table)
      into v_bytes
      using pg_catalog.jsonb_build_array(pg_catalog.to_jsonb(v_item.key)), v_item.id, v_item.position;
    -- The row may have changed since it was looked at: only what is the object answers for it.
    v_bytes := offload._stands_for(v_bytes, v_item.column_type);
    if pg_catalog.sha256(v_bytes) = v_hash then
      return v_bytes;
    end if;
  end loop;
  return null;
end;
$$;

comment on function offload.read_row_object(text) is
$$An object from a row that holds it; null where none does.

key: under which row_objects lists it$$;
revoke execute on function offload.read_row_object(text) from public;

create or replace function offload._stands_for(content bytea, column_type text)
returns bytea
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case when _stands_for.column_type like 'text%'
    then pg_catalog.decode(pg_catalog.regexp_replace(
      pg_catalog.convert_from(_stands_for.content, 'UTF8'), '^data:[^,]*,', ''), 'base64')
    else _stands_for.content end;
exception when invalid_parameter_value then
  -- It is no base64 any more.
  return null;
end;
$$;

comment on function offload._stands_for(bytea, text) is
$$The bytes that a value stands for: text stands for what it encodes; null where it encodes nothing.

content: the value
column_type: the managed column's type$$;
revoke execute on function offload._stands_for(bytea, text) from public;
