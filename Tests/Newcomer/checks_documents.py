"""The statements of the documents, run as they stand."""

import os
import re
import subprocess

from checks import check, equal, expect
from ground import base64_text, documented, fetched, is_webp, png

PRODUCTS = f"""
create table products (
  id bigint generated always as identity primary key, name text, image text, image_s3_url varchar(500));
insert into products (name, image, image_s3_url) values
  ('new', '{base64_text(png(2))}', null),
  ('moved', '{base64_text(png(3))}', 'https://old-bucket.example.com/moved.jpg'),
  ('moved and gone', null, 'https://old-bucket.example.com/gone.jpg');
"""


@check("base64 with some URLs already: docs/migrating.md leaves the foreign ones, and moves them when it is asked to")
def urls_already(place):
    database = place.database("program")
    media = place.directory("documents-media")
    place.psql(database, PRODUCTS, "shop")
    attach, move = documented("docs/migrating.md", "Base64 in a table, some rows with URLs already", "sql")
    # The one word that differs: a directory instead of somebody's bucket.
    place.psql(database, f"""
        set client_min_messages = warning;
        select offload.add_store('media', 'directory', path => '{media}')""", "shop")
    place.psql(database, "set client_min_messages = warning;" + attach.split("\n", 1)[1], "shop")
    place.psql(database, "set client_min_messages = warning; "
                         "select offload.configure('products', 'image', stores => '{media}')", "shop")
    place.work(database)
    urls = place.psql(database, "select image_s3_url from products order by id").split("\n")
    expect(is_webp(fetched(urls[0])), f"the row without a URL has {urls[0]!r}")
    equal(urls[1:], ["https://old-bucket.example.com/moved.jpg", "https://old-bucket.example.com/gone.jpg"],
          "the foreign URLs")
    equal(place.psql(database, "select image_source from products_media order by id"), "directory\nforeign\nforeign",
          "what the view says")
    place.psql(database, move, "shop")
    place.work(database)
    urls = place.psql(database, "select image_s3_url from products order by id").split("\n")
    expect(is_webp(fetched(urls[1])), f"the row whose foreign URL was given up has {urls[1]!r}")
    equal(urls[2], "https://old-bucket.example.com/gone.jpg", "the foreign URL of a row without a source")


@check("bytea: the statements of docs/migrating.md attach columns of each kind")
def bytea(place):
    database = place.database("program")
    place.psql(database, f"""
        create table users (id int primary key, profile_photo_data bytea);
        create table parts (id int primary key, image_data bytea[]);
        create table support_videos (id int primary key, data bytea);
        insert into users values (1, '\\x{png(2).hex()}');
        insert into parts values (1, array['\\x{png(3).hex()}'::bytea, null, '\\x{png(4).hex()}']);
        insert into support_videos values (1, '\\x000000186674797069736f6d');
        """, "shop")
    (attach,) = documented("docs/migrating.md", "bytea", "sql")
    place.psql(database, f"""
        set client_min_messages = warning;
        select offload.add_store('media', 'directory', path => '{place.directory("bytea-media")}');
        {attach}
        select offload.configure(c.relation, c.column_name, stores => '{{media}}') from offload.effective_column c
        """, "shop")
    place.work(database)
    found = place.psql(database, """
        select profile_photo_data_remote_url from users union all select unnest(image_data_remote_urls) from parts
        union all select data_remote_url from support_videos""").split("\n")
    equal([bool(url) for url in found], [True, True, False, True, True], f"which URLs there are: {found}")
    expect(all(is_webp(fetched(url)) for url in found[:4] if url), "a picture's URL does not open")
    equal(fetched(found[4]), bytes.fromhex("000000186674797069736f6d"), "the video's bytes")


@check("what docs/operations.md says to watch can be asked")
def watched(place):
    database = place.database("program")
    place.psql(database, PRODUCTS, "shop")
    place.psql(database, "set client_min_messages = warning; select offload.attach('products', 'image')", "shop")
    (queries,) = documented("docs/operations.md", "What to watch", "sql")
    expect(queries.count(";") >= 5, queries)
    place.psql(database, queries, "shop")
    for command in ("status", "doctor"):
        expect("products" in place.run(command, database=database), f"offload {command} does not speak of products")


@check("what is healthy alarms nobody: the queries of docs/operations.md, What to watch, after a worker that ended well")
def alarms(place):
    database = place.database("program")
    place.psql(database, f"""
        set client_min_messages = warning;
        create table products (id int primary key, image bytea);
        select offload.add_store('media', 'directory', path => '{place.directory("watched-media")}');
        select offload.add_store('hidden', 'directory', path => '{place.directory("watched-hidden")}', access => 'private');
        select offload.attach('products', 'image', stores => '{{media,hidden}}');
        insert into products values (1, '\\x{png(2).hex()}');
        """, "shop")
    place.work(database)
    place.psql(database, "insert into offload.store_check (store, is_reachable, opens) select id, true, false from offload.store "
                         "where access = 'private' on conflict (store) do update set opens = false", "shop")
    (queries,) = documented("docs/operations.md", "What to watch", "sql")
    for query in queries.strip().split("\n"):
        if "queue_stats" in query:
            equal(place.psql(database, query.replace("*", "ready, leased, dead", 1), "shop"), "0|0|0", query)
        elif "pg_notification_queue_usage" in query:
            equal(place.psql(database, query, "shop"), "0", query)
        else:
            equal(place.psql(database, query, "shop"), "", query)
    expect("was seen" not in place.notices(
        database, "select offload.detach('products', 'image'); select offload.attach('products', 'image', stores => '{media}')"),
        "attach names a worker that has ended")
    place.psql(database, "select offload.heartbeat(gen_random_uuid(), 'host', 1, '1');"
                         "update offload.worker set seen_at = now() - interval '2 minutes';"
                         "update offload.store_check set is_reachable = false", "shop")
    alarms = [place.psql(database, query, "shop") for query in queries.strip().split("\n")[1:3]]
    expect(all(alarms), f"no alarm of a worker that was lost and a store that is away: {alarms}")


@check("on another host the program needs the packages that README.md names, and no others")
def packages_of_the_program(place):
    (line,) = [block for block in documented("README.md", "Use it", "sh") if "libpq5" in block]
    named = set(line.replace("\\", " ").split("apt-get install", 1)[1].split())
    needed = printed("readelf", "-d", place.offload)
    found = dict(re.findall(r"^\s*(\S+) => (\S+)", printed("ldd", place.offload), re.M))
    packages = set()
    for library in re.findall(r"NEEDED.*\[(.*)\]", needed):
        if library in found:
            path = os.path.realpath(found[library])
            # dpkg knows a library of a merged /usr under the name that its package gave.
            said = subprocess.run(
                ["dpkg", "-S", path, path.removeprefix("/usr")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
            packages.add(re.split("[: ]", said)[0])
    # Every Debian has these two.
    equal(sorted(packages - {"libc6", "libgcc-s1"}), sorted(named - {"ca-certificates"}), "packages")


def printed(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
