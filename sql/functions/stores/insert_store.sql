-- Write down a new store, and what its URLs begin with.

create or replace function offload._insert_store(store offload.store)
returns offload.store
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_store offload.store;
begin
  perform offload._refuse_store(_insert_store.store);
  if exists (select from offload.store s where s.name = _insert_store.store.name) then
    raise exception using
      errcode = 'OF019', message = pg_catalog.format('store "%s" exists', store.name),
      hint = 'Change it with offload.configure_store, choose another name, or drop it: select offload.drop_store('
        || pg_catalog.quote_literal(store.name) || ');';
  end if;
  insert into offload.store as s (
    name, kind, endpoint, bucket, region, prefix, addressing, access, public_url, path, credentials, retention, options)
  values (
    store.name, store.kind, store.endpoint, store.bucket, store.region, store.prefix, store.addressing, store.access,
    store.public_url, store.path, store.credentials, store.retention, store.options)
  returning s.* into v_store;
  perform offload._set_url_base(v_store);
  return v_store;
end;
$$;

comment on function offload._insert_store(offload.store) is
$$Write down a new store, and what its URLs begin with.

store: what its row shall be$$;
revoke execute on function offload._insert_store(offload.store) from public;

create or replace function offload._set_url_base(store offload.store)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_base text := offload._url_base(_set_url_base.store);
begin
  if v_base is null then
    return;
  end if;
  -- What its URLs began with stays known: they are ours until they are written anew.
  update offload.store_url u set is_current = false
  where u.store = _set_url_base.store.id and u.is_current and u.prefix <> v_base;
  insert into offload.store_url as u (prefix, store) values (v_base, _set_url_base.store.id)
  on conflict on constraint store_url_pkey do update set is_current = true where u.store = excluded.store;
  if not found then
    raise exception using
      errcode = 'OF019',
      message = pg_catalog.format('another store lies in the very place of store "%s"', store.name),
      hint = 'Use that store, or give this one a prefix of its own: prefix => ''…/''.';
  end if;
end;
$$;

comment on function offload._set_url_base(offload.store) is
$$Say what the URLs of a store begin with from now on.

store: the store's row$$;
revoke execute on function offload._set_url_base(offload.store) from public;
