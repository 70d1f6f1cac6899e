"""select offload.attach('products', 'image') with nothing else, for each thing that can be configured."""

import re

from checks import check, equal, expect
from ground import base64_text, is_webp, fetched, png

S3 = "select offload.add_store('{0}', 's3', endpoint => 'http://127.0.0.1:9', bucket => '{0}')"


def attached(place, *stores):
    """A database with a table, attached with nothing said; the database and the NOTICE."""
    database = place.database("program")
    place.psql(database, "create table products (id bigint generated always as identity primary key, image text)", "shop")
    place.psql(database, f"insert into products (image) values ('{base64_text(png(3))}')", "shop")
    for store in stores:
        place.psql(database, f"set client_min_messages = warning; {store}", "shop")
    return database, place.notices(database, "select offload.attach('products', 'image')")


def managed(place, database):
    return place.psql(database, """
        select e.strategy || coalesce(' to ' || (
          select string_agg(s.name, ',' order by h.ordinal) from offload.chain h join offload.store s on s.id = h.store
          where h.managed_column = e.id), '')
        from offload.effective_column e""", "shop")


def follow(place, database, notice, said):
    """Run the offload.configure that the notice names, with what it leaves open filled in."""
    line = re.search(r"select offload\.configure\([^;]*?\)", notice)
    expect(line, f"the NOTICE names no line that changes it:\n{notice}")
    place.psql(database, f"set client_min_messages = warning; {line.group(0).replace('…', said)}", "shop")


@check("attach with no store leaves the images in their rows, and says how to have them in one")
def no_store(place):
    database, notice = attached(place)
    equal(managed(place, database), "local_primary", "what attach chose")
    expect("strategy local_primary" in notice and "offload.configure" in notice, notice)
    expect("offload work --database" in notice, f"nothing says what comes next:\n{notice}")
    place.work(database)
    equal(place.psql(database, "select image_source, image_url like 'data:image/png;base64,%' from products_media"),
          "base64|t", "what the view answers")


@check("attach with one S3 store goes there")
def one_store(place):
    database, notice = attached(place, S3.format("media"))
    equal(managed(place, database), "s3_primary to media", "what attach chose")
    expect("strategy s3_primary to media" in notice and "offload.configure" in notice, notice)


@check("attach with two S3 stores takes neither by itself, and says how to choose")
def two_stores(place):
    database, notice = attached(place, S3.format("media"), S3.format("archive"))
    equal(managed(place, database), "local_primary", "what attach chose")
    follow(place, database, notice, "stores => '{archive,media}'")
    expect(managed(place, database) in ("s3_primary to archive,media", "s3_primary to media,archive"),
           f"the line of the NOTICE led to: {managed(place, database)}")


@check("attach with a directory store only leaves the images in their rows, and says how to have them there")
def directory_store(place):
    path = place.directory("attach-media")
    database, notice = attached(place, f"select offload.add_store('media', 'directory', path => '{path}')")
    equal(managed(place, database), "local_primary", "what attach chose")
    follow(place, database, notice, "stores => '{media}'")
    place.work(database)
    url = place.psql(database, "select image_remote_url from products", "shop")
    expect(is_webp(fetched(url)), f"after the line of the NOTICE the URL is {url!r}")
