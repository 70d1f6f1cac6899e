"""Dumps, whole and in part, restored into another database."""

from checks import check, equal, expect, until
from ground import printed


def dump(ground, server, name, *options):
    path = ground.root / f"{name}-{len(list(ground.root.glob('*.dump')))}.dump"
    printed(ground.bindir / "pg_dump", "-Fc", "-f", path, *options, server.at(name))
    return path


def restore(ground, server, name, path, *options):
    printed(ground.bindir / "pg_restore", "--exit-on-error", "-d", server.at(name), *options, path)


@check("a dump of schema and data, restored, goes on where it was: what waited is done, nothing is sent twice")
def whole(ground):
    server = ground.server()
    name = server.database()
    server.insert(name, 1, 2)
    ground.run("work", "--until-empty", "--database", server.at(name))
    server.insert(name, 3)
    path = dump(ground, server, name)
    there = server.database(installed=False)
    restore(ground, server, there, path)
    before = {file: file.stat().st_mtime_ns for file in ground.files(name)}
    worker = ground.worker(server.at(there))
    until(lambda: server.offloaded(there) == 3, lambda: worker.said())
    server.sql(there, "select offload.sweep('products')")
    until(lambda: server.sql(there, "select (select state from offload.backfill), (select count(*) from offload.arrival)") == "complete|0",
          lambda: worker.said())
    server.insert(there, 4)
    until(lambda: server.offloaded(there) == 4, lambda: worker.said())
    equal({file: file.stat().st_mtime_ns for file in before}, before, "files that were sent again")
    equal(worker.said().count("upload successful"), 2, "uploads")
    equal(server.sql(there, "select total, with_s3 from offload.storage_stats"), "4|4", "the counts")


@check("a restore of data alone queues every row, and one with triggers off is found by the sweep")
def data_only(ground):
    server = ground.server()
    name = server.database()
    server.insert(name, 1, 2, 3)
    path = dump(ground, server, name, "--data-only", "-t", "products")
    fired = server.database()
    restore(ground, server, fired, path)
    equal(server.sql(fired, "select count(*) from offload.arrival"), "3", "jobs")
    ground.run("work", "--until-empty", "--database", server.at(fired))
    equal(server.offloaded(fired), 3, "rows offloaded")

    silent = server.database()
    restore(ground, server, silent, path, "--disable-triggers")
    equal(server.sql(silent, "select count(*) from offload.arrival"), "0", "jobs")
    server.sql(silent, "select offload.sweep('products')")
    ground.run("work", "--until-empty", "--database", server.at(silent))
    equal(server.offloaded(silent), 3, "rows offloaded")
    equal(server.sql(silent, "select total, with_s3 from offload.storage_stats"), "3|3", "the counts")
    expect(server.sql(silent, "select tgenabled from pg_trigger where tgname like 'zz_offload%' group by 1") == "O", "triggers stay off")


@check("a schema that is restored without its data fails no write, and with its ledger can be attached to")
def schema_only(ground):
    server = ground.server()
    name = server.database()
    there = server.database(installed=False)
    restore(ground, server, there, dump(ground, server, name, "--schema-only"))
    # What is managed did not come along, and the triggers did.
    server.insert(there, 1)
    equal(server.sql(there, "select count(*) from products"), "1", "rows")
    restore(ground, server, there, dump(ground, server, name, "--data-only", "-t", "offload.migration"))
    server.sql(there, f"""
        select offload.add_store('disk', 'directory', path => '{ground.directory(there)}', public_url => 'http://pictures.test/{there}');
        select offload.attach('products', 'image', url_column => 'image_url_at', local_store => 'disk')""")
    server.insert(there, 2)
    ground.run("work", "--until-empty", "--database", server.at(there))
    equal(server.offloaded(there), 2, "rows offloaded")
