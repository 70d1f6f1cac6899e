-- What the specs speak: assertions, and a worker played in SQL.
--
-- The first argument of each assertion is its number; the runner writes it in, and a spec leaves it out. What held is
-- said with INFO, which no rollback takes back.

create schema test;
grant usage on schema test to public;

create function test.holds(number int, condition boolean, what text default '') returns void
language plpgsql
as $$
begin
  if condition is not true then
    raise exception 'does not hold (%): %', coalesce(condition::text, 'null'), what;
  end if;
  raise info 'held %', number;
end;
$$;

create function test.equal(number int, actual anycompatible, expected anycompatible, what text default '') returns void
language plpgsql
as $$
begin
  if actual is distinct from expected then
    raise exception '%: expected %, is %', what, coalesce(expected::text, 'null'), coalesce(actual::text, 'null');
  end if;
  raise info 'held %', number;
end;
$$;

-- How many blocks a statement reads: that does not depend on the machine.
create function test.blocks(statement text) returns bigint language plpgsql as $$
declare
  v_plan json;
begin
  execute 'explain (analyze, buffers, format json) ' || statement into v_plan;
  return (v_plan -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::bigint + (v_plan -> 0 -> 'Plan' ->> 'Shared Read Blocks')::bigint;
end;
$$;

-- A query's rows, each as psql would print it unaligned, in order.
create function test.rows(number int, query text, expected text[], what text default '') returns void
language plpgsql
as $$
declare
  v_rows text[] := '{}';
  v_row record;
begin
  for v_row in execute query loop
    v_rows := v_rows || (
      select string_agg(coalesce(e.value, ''), '|' order by e.ordinality)
      from json_each_text(row_to_json(v_row)) with ordinality e);
  end loop;
  if v_rows is distinct from expected then
    raise exception E'%: expected\n  %\nis\n  %', what, array_to_string(expected, E'\n  '), array_to_string(v_rows, E'\n  ');
  end if;
  raise info 'held %', number;
end;
$$;

-- Errors of class OF must have a hint; message_part and hint_part must occur in message and hint.
create function test.raises(
  number int, statement text, sqlstate_ text, message_part text default '', hint_part text default '') returns void
language plpgsql
as $$
declare
  v_message text;
  v_hint text;
  v_state text;
begin
  begin
    execute statement;
  exception when others then
    get stacked diagnostics v_message = message_text, v_hint = pg_exception_hint, v_state = returned_sqlstate;
  end;
  if v_state is null then
    raise exception 'no error: %', statement;
  elsif v_state <> sqlstate_ then
    raise exception 'error % (%), not %: %', v_state, v_message, sqlstate_, statement;
  elsif strpos(v_message, message_part) = 0 then
    raise exception 'the message does not say "%": %', message_part, v_message;
  elsif v_state like 'OF%' and v_hint = '' then
    raise exception 'no hint: %', v_message;
  elsif strpos(v_hint, hint_part) = 0 then
    raise exception 'the hint does not say "%": %', hint_part, v_hint;
  end if;
  raise info 'held %', number;
end;
$$;

create function test.lasts(number int, statement text, at_most interval, what text default '') returns void
language plpgsql
as $$
declare
  v_began timestamptz := clock_timestamp();
begin
  execute statement;
  if clock_timestamp() - v_began > at_most then
    raise exception '% took %, more than %', what, clock_timestamp() - v_began, at_most;
  end if;
  raise info 'held %', number;
end;
$$;

-- An image of one's own: made-up bytes with the head of a PNG.
create function test.png(n int, bytes int default 100) returns bytea
language sql immutable
as $$
  select '\x89504e470d0a1a0a'::bytea || int4send(n) || convert_to(repeat('.', greatest(0, bytes - 12)), 'UTF8');
$$;

create function test.base64(n int, bytes int default 100) returns text
language sql immutable
as $$
  select translate(encode(test.png(n, bytes), 'base64'), E'\n', '');
$$;

create function test.data_uri(n int, bytes int default 100) returns text
language sql immutable
as $$
  select 'data:image/png;base64,' || test.base64(n, bytes);
$$;

-- What the played worker makes of an image: the head of a WebP and the source's hash.
create function test.object_of(source bytea) returns bytea
language sql immutable
as $$
  select '\x524946462400000057454250'::bytea || sha256(source);
$$;

-- The URL that such an object has in a store.
create function test.url(source bytea, store text default 'media') returns text
language sql stable security definer
as $$
  select u.prefix || left(h, 2) || '/' || substr(h, 3, 2) || '/' || h || '.webp'
  from encode(sha256(test.object_of(source)), 'hex') h, offload.store s
  join offload.store_url u on u.store = s.id and u.is_current
  where s.name = url.store;
$$;

create function test.url(n int, store text default 'media') returns text
language sql stable
as $$
  select test.url(test.png(n), url.store);
$$;

-- What a text stands for; null where it is no base64.
create function test.decoded(source text) returns bytea
language plpgsql immutable
as $$
begin
  return decode(regexp_replace(source, '^data:[^,]*,', ''), 'base64');
exception when invalid_parameter_value then
  return null;
end;
$$;

-- The usual table: a text column whose images go to the store media.
create function test.shop() returns void
language plpgsql
as $$
begin
  create table products (
    id int generated by default as identity primary key, name text, image text, image_s3_url text);
  perform offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
  perform offload.attach('products', 'image', url_column => 'image_s3_url', strategy => 's3_primary', stores => '{media}');
  perform test.work();
end;
$$;

-- Upload one object, unless it is there; false: the store cannot be reached, or another is at it.
create function test.upload(object bytea, media_type text, store text, unreachable text[]) returns boolean
language plpgsql
as $$
declare
  v_upload record;
begin
  if upload.store = any (unreachable) then
    return false;
  end if;
  select * into v_upload from offload.begin_upload(sha256(object), length(object), media_type, upload.store);
  if v_upload.decision = 'upload' then
    return offload.finish_upload(sha256(object), upload.store, v_upload.lease, 'signed_payload');
  end if;
  return v_upload.decision = 'stored';
end;
$$;

-- What the played stores hold.
create table test.bytes (hash bytea primary key, content bytea);
grant select, insert on test.bytes to public;

create function test.store(content bytea) returns void
language sql
as $$
  insert into test.bytes (hash, content) values (sha256(content), content) on conflict do nothing;
$$;

create function test.stored(hash bytea) returns bytea
language sql stable
as $$
  select b.content from test.bytes b where b.hash = stored.hash;
$$;

-- Bytes in the form that a column holds.
create function test.as_column(bytes bytea, column_type text, is_data_uri boolean) returns bytea
language sql stable
as $$
  select case when column_type like 'bytea%' then bytes else convert_to(
    case when coalesce(is_data_uri, true) then 'data:' || offload.media_type(bytes) || ';base64,' else '' end
    || translate(encode(bytes, 'base64'), E'\n', ''), 'UTF8') end;
$$;

-- One value: what the worker makes of it, and what it puts in its place.
create function test.item(
  job bigint, managed_column int, "position" int, url text, source_text text, source_bytea bytea, source_length bigint, unreachable text[],
  out item jsonb, out content bytea)
language plpgsql
as $$
declare
  v_column offload.effective_column;
  v_raw bytea := coalesce(source_bytea, convert_to(source_text, 'UTF8'));
  v_source bytea := coalesce(source_bytea, test.decoded(source_text));
  v_known record;
  v_object bytea;
  v_hash bytea;
  v_store record;
  v_is_remote_done boolean := false;
  v_is_right boolean;
begin
  select e.* into v_column from offload.effective_column e where e.id = managed_column;
  if source_length is null then
    if offload.lies_in_store(url) and v_column.column_type not like '%[]' then
      item := jsonb_build_object('adopt', url);
      select * into v_known from offload.recall(
        array[job], array[managed_column], array["position"], array[null::bytea], array[null::bigint], array[url]);
      v_hash := v_known.object_hash;
      if v_hash is not null and not v_known.is_placed then
        for v_store in select * from offload.wanted_store(managed_column, v_known.origin_bytes) loop
          if v_store.is_local or not v_is_remote_done then
            v_is_remote_done := test.upload(test.stored(v_hash), offload.media_type(test.stored(v_hash)), v_store.store_name,
              unreachable) or v_is_remote_done;
          end if;
        end loop;
      end if;
      if v_known.content_hash is not null then
        content := test.as_column(test.stored(v_known.content_hash), v_column.column_type, v_known.is_data_uri);
      end if;
    end if;
    return;
  elsif url is not null and not offload.lies_in_store(url) then
    return;
  end if;
  item := jsonb_build_object('raw', encode(sha256(v_raw), 'hex'), 'source_bytes', coalesce(length(v_source), source_length));
  if v_source is null or length(v_source) = 0 then
    item := item || jsonb_build_object('refusal', case when v_source is null then 'not_base64' else 'empty' end);
    return;
  end if;
  item := item || jsonb_build_object('source', encode(sha256(v_source), 'hex'));
  if source_text is not null then
    item := item || jsonb_build_object('data_uri', source_text like 'data:%');
  end if;
  select * into v_known from offload.recall(
    array[job], array[managed_column], array["position"], array[sha256(v_source)], array[length(v_source)::bigint], array[url]);
  if v_known.refusal is not null then
    item := item || jsonb_build_object('refusal', v_known.refusal, 'detail', v_known.detail);
    return;
  elsif v_column.kind = 'image' and offload.media_type(v_source) = 'application/octet-stream' then
    item := item || jsonb_build_object('refusal', 'not_an_image', 'detail', 'begins with ' || left(encode(v_source, 'hex'), 8));
    return;
  end if;
  if v_known.object_hash is null then
    raise info 'encoded %', left(encode(sha256(v_source), 'hex'), 8);
  end if;
  -- Bytes that are their own object are not made smaller again.
  v_object := case when v_column.kind = 'image' and v_known.object_hash is distinct from sha256(v_source)
    then test.object_of(v_source) else v_source end;
  v_hash := sha256(v_object);
  if not coalesce(v_known.is_placed, false) then
    insert into offload.object (hash, bytes, media_type) values (v_hash, length(v_object), offload.media_type(v_object))
    on conflict do nothing;
    for v_store in select * from offload.wanted_store(managed_column, v_known.origin_bytes) loop
      if v_store.is_local or not v_is_remote_done then
        v_is_remote_done := test.upload(v_object, offload.media_type(v_object), v_store.store_name, unreachable)
          or v_is_remote_done;
      end if;
    end loop;
  end if;
  item := item || jsonb_build_object('object', encode(v_hash, 'hex'), 'detail', v_known.detail);
  perform test.store(v_object);
  perform test.store(v_source);
  if v_known.content_hash is not null then
    content := test.as_column(test.stored(v_known.content_hash), v_column.column_type, source_text like 'data:%');
    return;
  elsif v_known.keeps_source then
    return;
  end if;
  -- What lies where it is wanted is not brought there again; its original may be.
  v_is_right := coalesce(v_known.is_placed, false) and (v_column.source_policy <> 'replace' or v_object = v_source);
  if v_column.kind = 'image' and v_column.originals = 'archive' and v_column.source_policy in ('replace', 'clear')
    and v_object <> v_source and (v_known.lacks_original or not v_is_right) then
    for v_store in select * from offload.archive_store(managed_column) limit 1 loop
      perform test.upload(v_source, offload.media_type(v_source), v_store.store_name, unreachable);
    end loop;
  end if;
  if v_column.source_policy = 'replace' and v_object <> v_source then
    content := test.as_column(v_object, v_column.column_type, source_text like 'data:%');
  end if;
end;
$$;

-- From fetch to the last upload: what offload.complete takes. Between the two a spec may do what it likes.
create function test.process(lease uuid, unreachable text[] default '{}') returns table (results jsonb, contents bytea[])
language plpgsql
as $$
declare
  v_fetched record;
  v_made record;
  v_jobs jsonb := '{}';
begin
  contents := '{}';
  for v_fetched in
    select * from offload.fetch_sources(process.lease) f order by f.job, f.managed_column, f.position
  loop
    if not v_jobs ? v_fetched.job::text then
      v_jobs := v_jobs || jsonb_build_object(v_fetched.job::text, jsonb_build_object(
        'job', v_fetched.job, 'ctid', v_fetched.row_ctid::text, 'xmin', v_fetched.row_xmin::text, 'items', '[]'::jsonb));
    end if;
    if v_fetched.row_ctid is not null then
      v_made := test.item(v_fetched.job, v_fetched.managed_column, v_fetched.position, v_fetched.url, v_fetched.source_text, v_fetched.source_bytea,
        v_fetched.source_length, process.unreachable);
      if v_made.content is not null then
        contents := contents || v_made.content;
        v_made.item := v_made.item || jsonb_build_object('content', cardinality(contents));
      end if;
      if v_made.item is not null then
        v_jobs := jsonb_set(v_jobs, array[v_fetched.job::text, 'items'], v_jobs -> v_fetched.job::text -> 'items'
          || (v_made.item || jsonb_build_object(
            'column', v_fetched.managed_column, 'position', v_fetched.position, 'elements', v_fetched.elements)));
      end if;
    end if;
  end loop;
  results := (select coalesce(jsonb_agg(j.value), '[]') from jsonb_each(v_jobs) j);
  return next;
end;
$$;

-- Claim what is ready now; null: nothing is.
create function test.claim(batch int default 100, lease_for interval default '1 minute') returns uuid
language sql volatile
as $$
  select max(c.lease::text)::uuid from offload.claim(claim.batch, claim.lease_for) c;
$$;

create function test.complete(lease uuid, results jsonb, contents bytea[] default '{}') returns text
language sql volatile
as $$
  select coalesce(string_agg(o.outcome, ', ' order by o.outcome), '')
  from (
    select c.outcome || ' ' || count(*) as outcome
    from offload.complete(complete.lease, complete.results, complete.contents) c
    group by c.outcome
  ) o;
$$;

-- Look at claimed rows; answers how many needed nothing, and how many are left to the worker.
create function test.look(lease uuid, inline_limit bigint default 32768) returns text
language sql volatile
as $$
  select pg_catalog.format('%s ended, %s left', count(*) filter (where l.needs_nothing), count(distinct l.job) filter (where not l.needs_nothing))
  from offload.look(look.lease, inline_limit => look.inline_limit) l;
$$;

-- Claim and look in one; answers as test.look does.
create function test.take(batch int default 100, inline_limit bigint default 32768, name uuid default null) returns text
language sql volatile
as $$
  select pg_catalog.format('%s ended, %s left', coalesce(sum(t.ended), 0), count(*) filter (where t.managed_table is not null))
  from offload.take(take.batch, name => take.name, inline_limit => take.inline_limit) t;
$$;

-- Queue a look at rows of products, by default at row 1, and look, in both ways; what is left is done by nobody.
create function test.look_at(key text default '1', inline_limit bigint default 32768) returns text
language plpgsql volatile
as $$
declare
  v_table int := (select t.id from offload.managed_table t where t.relation = 'products'::regclass);
  v_answer text;
  v_other text;
begin
  delete from offload.arrival;
  insert into offload.arrival (managed_table, key) values (v_table, array[look_at.key]);
  v_other := test.take(inline_limit => look_at.inline_limit);
  delete from offload.arrival;
  insert into offload.arrival (managed_table, key) values (v_table, array[look_at.key]);
  v_answer := test.look(test.claim(), look_at.inline_limit);
  delete from offload.arrival;
  if v_answer <> v_other then
    raise exception 'the look says %, and the take %', v_answer, v_other;
  end if;
  return v_answer;
end;
$$;

-- Work until nothing is ready now; answers how many rows came out how.
create function test.work(batch int default 100, unreachable text[] default '{}') returns text
language plpgsql volatile
as $$
declare
  v_lease uuid;
  v_table int;
  v_jobs bigint[];
  v_key text[];
  v_outcomes jsonb := '{}';
  v_outcome record;
begin
  for v_round in 1 .. 1000 loop
    for v_table in select b.managed_table from offload.backfill b where b.state = 'pending' loop
      perform offload.backfill(v_table, work.batch), offload.count_rows(v_table);
    end loop;
    v_lease := test.claim(work.batch);
    if v_lease is null and not exists (select from offload.backfill b where b.state = 'pending') then
      perform offload.note_unreferenced();
      return (select coalesce(string_agg(o.key || ' ' || o.value, ', ' order by o.key), 'nothing') from jsonb_each_text(v_outcomes) o);
    end if;
    -- The look at a whole table: its items whose rows are gone.
    v_jobs := array(select j.id from offload.job j where j.lease = v_lease and j.key is null);
    for v_table in select distinct j.managed_table from offload.arrival j where j.id = any (v_jobs) loop
      v_key := null;
      loop
        v_key := offload.prune(v_table, v_key, work.batch);
        exit when v_key is null;
      end loop;
    end loop;
    perform offload.finish(v_jobs, v_lease);
    for v_outcome in
      select c.outcome, count(*)
      from test.process(v_lease, work.unreachable) p
      cross join lateral offload.complete(v_lease, p.results, p.contents) c
      group by c.outcome
    loop
      v_outcomes := v_outcomes || jsonb_build_object(
        v_outcome.outcome, coalesce((v_outcomes ->> v_outcome.outcome)::bigint, 0) + v_outcome.count);
    end loop;
  end loop;
  raise exception 'the queue does not run empty';
end;
$$;

grant execute on all functions in schema test to public;
