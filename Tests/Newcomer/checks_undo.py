"""The whole circle: attached, offloaded, detached, removed; and the table is what it was."""

import http.server
import threading
from functools import partial

from checks import Failure, check, equal, expect
from ground import base64_text, documented, fetched, is_webp, png

TABLE = """
create table parts (
  id bigint generated always as identity primary key,
  name text not null check (name <> ''),
  picture text,
  photo bytea,
  photo_s3_url varchar(300),
  note jsonb default '{}'
);
create unique index parts_lower_name on parts (lower(name));
create index parts_with_photo on parts (id) where photo is not null;
create table part_log (part bigint references parts, said text not null);
create function say_name() returns trigger language plpgsql as $$
begin
  insert into part_log values (new.id, tg_op || ' ' || new.name);
  return null;
end $$;
create function tidy_name() returns trigger language plpgsql as $$
begin
  new.name := btrim(new.name);
  return new;
end $$;
create trigger tells_names after insert or update of name on parts for each row execute function say_name();
create trigger zz_tidies_names before insert or update of name on parts for each row execute function tidy_name();
create view pictured as select id, name, picture from parts where picture is not null;
grant select on parts to public;
"""

# Everything of the application's, to the byte; the URL columns are what the circle may change.
ROWS = "copy (select id, name, picture, photo, note from parts order by id) to stdout (format binary)"
LOG = "copy (select * from part_log order by part, said) to stdout"
WITHOUT_URLS = "alter table parts drop column picture_remote_url"
CATALOGUE = r"""
\pset footer off
\pset format unaligned
\d+ parts
\d+ part_log
\d+ pictured
\dn+
\df+ *.*say_name
select n.nspname, p.oid::regprocedure, p.prosrc from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname not in ('pg_catalog', 'information_schema') order by 1, 2::text;
select c.oid::regclass::text, c.relkind, c.relacl from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1;
select t.typname from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1;
select t.tgname, t.tgrelid::regclass, t.tgenabled from pg_trigger t where not t.tgisinternal order by 1;
select e.extname from pg_extension e order by 1;
select e.evtname from pg_event_trigger e order by 1;
select s.setrole::regrole, s.setconfig from pg_db_role_setting s
  where s.setdatabase = (select oid from pg_database where datname = current_database()) order by 1::text;
select d.defaclrole::regrole, d.defaclacl from pg_default_acl d order by 1::text;
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def circle(place, route, remove):
    database = place.database()
    text = base64_text(png(2))
    place.psql(database, TABLE, "shop")
    place.psql(database, "\n".join(
        f"insert into parts (name, picture, photo) values ('part {n}', {picture}, {photo});"
        for n, (picture, photo) in enumerate([
            (f"'{base64_text(png(2))}'", f"'\\x{png(3).hex()}'"),
            (f"'data:image/png;base64,{base64_text(png(4))}'", "null"),
            ("null", f"'\\x{png(5).hex()}'"),
            # Line breaks, the same picture twice, no picture at all, and nothing.
            ("'" + "\n".join(text[i:i + 76] for i in range(0, len(text), 76)) + "'", f"'\\x{png(3).hex()}'"),
            ("'no picture'", "'\\x00ff00'"),
            ("null", "null"),
            ("''", "''")])), "shop")
    place.psql(database, "update parts set photo_s3_url = 'https://old.example.com/6.jpg' where name = 'part 6'", "shop")
    rows, log, catalogue = (place.raw(database, question) for question in (ROWS, LOG, CATALOGUE))

    media = place.directory(f"undo-{route}")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=media))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        if route == "extension":
            place.psql(database, "create extension pg_offload", "shop")
        else:
            place.run("install", database=database)
        place.psql(database, f"""
            set client_min_messages = warning;
            select offload.add_store('media', 'directory', path => '{media}',
              public_url => 'http://127.0.0.1:{server.server_port}');
            select offload.attach('parts', 'picture', strategy => 's3_primary', stores => '{{media}}');
            select offload.attach('parts', 'photo', url_column => 'photo_s3_url', strategy => 's3_primary',
              stores => '{{media}}');
            """, "shop")
        place.work(database)
        place.psql(database, f"insert into parts (name, photo) values ('late', '\\x{png(9).hex()}')", "shop")
        rows_then, log_then = place.raw(database, ROWS), place.raw(database, LOG)
        place.work(database)
        opened = urls(place, database)
        equal(len(opened), 7, "how many URLs were written")
        for url in opened:
            expect(is_webp(fetched(url)), f"{url} does not open")

        # One column is detached, and the other is still managed when everything is removed.
        place.psql(database, "set client_min_messages = warning; select offload.detach('parts', 'picture')", "shop")
        remove(database)

        equal(place.raw(database, ROWS) == rows_then, True, "the rows are the same, byte by byte")
        equal(place.raw(database, LOG), log_then, "what the table's own trigger had said")
        equal(urls(place, database), opened, "the URLs")
        for url in opened:
            expect(is_webp(fetched(url)), f"{url} opens no more")
        equal(place.psql(database, "select photo_s3_url from parts where name = 'part 6'"), "https://old.example.com/6.jpg",
              "the URL that was there before")

        # The application goes on.
        place.psql(database, f"""
            insert into parts (name, picture, photo) values (' new ', '{base64_text(png(6))}', '\\x{png(6).hex()}');
            update parts set picture = null, photo = '\\x{png(7).hex()}' where name = 'part 0';
            update parts set name = 'renamed', photo_s3_url = null where name = 'part 2';
            delete from part_log where part = 4; delete from parts where id = 4;
            """, "shop")
        equal(place.psql(database, "select count(*), count(*) filter (where name in ('new', 'renamed')) from parts"),
              "8|2", "rows after the application has written")

        # The one thing that stays is the column that attach had added.
        place.psql(database, WITHOUT_URLS, "shop")
        before, after = (text.decode().splitlines() for text in (catalogue, place.raw(database, CATALOGUE)))
        equal([line for line in after if line not in before], [], "what was left in the catalogue")
        equal([line for line in before if line not in after], [], "what is gone from the catalogue")
        # … and the rows of the beginning had stayed as they were through all of it.
        expect(rows_then.startswith(rows[:-2]) and log.splitlines()[-1] in log_then, "the first rows had changed")
    finally:
        server.shutdown()
        server.server_close()


def urls(place, database):
    return place.psql(database, """
        select u from parts, lateral (values (1, picture_remote_url), (2, photo_s3_url)) v (n, u)
        where u like 'http://127.0.0.1:%' order by id, n""").split()


@check("after offload uninstall the rows are the same to the byte, every URL opens, and nothing of ours is left")
def by_program(place):
    circle(place, "program", lambda database: place.run("uninstall", "--yes", database=database))


@check("after drop extension the rows are the same to the byte, every URL opens, and nothing of ours is left")
def by_extension(place):
    recipe = documented("docs/operations.md", "The extension", "sql")[0]
    circle(place, "extension", lambda database: place.psql(database, "set client_min_messages = warning;" + recipe, "shop"))


@check("the way out of docs/operations.md leaves a view of the user's over ours alone, and changes nothing then")
def with_a_view(place):
    database = place.database("extension")
    place.psql(database, """
        set client_min_messages = warning;
        create table parts (id int primary key, photo bytea);
        select offload.attach('parts', 'photo');
        create view dashboard as select id, photo_url from parts_media;
        """, "shop")
    recipe = documented("docs/operations.md", "The extension", "sql")[0]
    try:
        place.psql(database, recipe, "shop")
    except Failure as refused:
        expect("dashboard" in str(refused), f"the view is not named: {refused}")
    else:
        raise Failure("nothing was refused")
    equal(place.psql(database, "select count(*) from dashboard; select count(*) from offload.effective_column", "shop"),
          "0\n1", "the view's rows, and the managed columns")
