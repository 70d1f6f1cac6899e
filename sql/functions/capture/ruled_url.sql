-- What stands in the URL column after an application's statement: the rules that make the column ours.
--
-- A statement that changes the source loses the old URL, unless it brings a foreign one. A statement that leaves the
-- source unchanged can neither remove nor alter our URL. Where there is no source, the URL is all there is of the
-- image: setting it to null removes the image, and one of ours adopts the object.

create or replace function offload._ruled_url(is_changed boolean, has_source boolean, old_url text, new_url text)
returns text
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case
    when _ruled_url.is_changed then case
      when new_url collate "C" is not distinct from old_url collate "C" then null
      when not offload.lies_in_store(new_url) or not has_source then new_url
    end
    when new_url collate "C" is not distinct from old_url collate "C" then new_url
    when offload.lies_in_store(old_url) then case when new_url is null and not has_source then null else old_url end
    when offload.lies_in_store(new_url) and has_source then old_url
    else new_url
  end;
$$;

comment on function offload._ruled_url(boolean, boolean, text, text) is
$$What stands in the URL column after an application's statement.

is_changed: whether the statement changed the source; an INSERT does
has_source: whether the row has a source now
old_url: the URL before; null at an INSERT
new_url: the URL that the statement would write$$;

create or replace function offload._ruled_url(is_changed boolean, has_source boolean, old_url text[], new_url text[])
returns text[]
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case
    when _ruled_url.is_changed then case
      when new_url collate "C" is not distinct from old_url collate "C" then null
      when not offload.lies_in_store(new_url) or not has_source then new_url
    end
    when new_url collate "C" is not distinct from old_url collate "C" then new_url
    when offload.lies_in_store(old_url) then case when new_url is null and not has_source then null else old_url end
    when offload.lies_in_store(new_url) and has_source then old_url
    else new_url
  end;
$$;

comment on function offload._ruled_url(boolean, boolean, text[], text[]) is
$$What stands in the URL column of an array after an application's statement.

is_changed: whether the statement changed the source; an INSERT does
has_source: whether the row has a source now
old_url: the URLs before; null at an INSERT
new_url: the URLs that the statement would write$$;

grant execute on function
  offload._ruled_url(boolean, boolean, text, text), offload._ruled_url(boolean, boolean, text[], text[]) to public;
