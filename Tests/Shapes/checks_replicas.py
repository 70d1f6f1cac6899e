"""A primary and its standby."""

import subprocess
import threading
import time

from checks import check, equal, expect, until
from ground import png

SYNCHRONOUS = ("synchronous_commit = on",)


def pair(ground):
    """A primary, its standby, and the shop's database on both."""
    if "standby" not in ground.servers:
        primary = ground.server("primary", *SYNCHRONOUS)
        ground.replicated = primary.database()
        ground.server("standby", *SYNCHRONOUS, standby_of=primary)
        primary.sql("postgres", "alter system set synchronous_standby_names = '*'")
        primary.sql("postgres", "select pg_reload_conf()")
        until(lambda: primary.sql("postgres", "select sync_state from pg_stat_replication") == "sync", "a synchronous standby")
    return ground.servers["primary"], ground.servers["standby"], ground.replicated


def caught_up(primary, standby):
    position = primary.sql("postgres", "select pg_current_wal_lsn()")
    until(lambda: standby.sql("postgres", f"select pg_last_wal_replay_lsn() >= '{position}'") == "t", "a replay")


ANSWERS = """
    select id, image_url, image_source from products_media order by id;
    select * from offload.storage_stats; select relation, ready, dead, backfill from offload.queue_stats;
    select relation, state, looked_at, percent from offload.backfill_progress; select name, objects from offload.store_stats;
    select offload.storage_summary('products', 'image'); select reason from offload.failures"""


@check("the view and every statistic answer on a hot standby as on the primary")
def hot_standby(ground):
    primary, standby, name = pair(ground)
    primary.insert(name, *range(1, 6))
    primary.sql(name, "insert into products (id, image) values (6, 'no image')")
    ground.run("work", "--until-empty", "--database", primary.at(name))
    primary.insert(name, 7)
    caught_up(primary, standby)
    there = standby.sql(name, ANSWERS)
    equal(there, primary.sql(name, ANSWERS), "the answers differ")
    expect("http://pictures.test" in there and "data:image/png" in there and "not_an_image" in there, there)
    status = ground.run("status", "--database", standby.at(name))
    expect("products.image" in status, status)
    expect("this is a standby" in ground.fails("doctor", "--database", standby.at(name)), "doctor does not say so")


@check("a worker at a standby says so at most once a second, backs off, and works once it is promoted; nothing is lost")
def failover(ground):
    primary, standby, name = pair(ground)
    both = f"postgresql://postgres@127.0.0.1:{primary.port},127.0.0.1:{standby.port}/{name}"
    lonely = ground.worker(standby.at(name))
    lonely.until_said("is a standby")
    expect("Name the primary" in ground.fails("work", "--until-empty", "--database", standby.at(name)), "no hint")
    worker = ground.worker(both)
    worker.until_said("connected to")

    committed, stopping, faults = [], threading.Event(), []

    def produce(first):
        number = first
        while not stopping.is_set():
            number += 1
            ran = subprocess.run(
                [ground.bindir / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", both + "?target_session_attrs=read-write",
                 "-c", f"insert into products (id, image) values ({number}, '{png(number)}')"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            # Cancelled while it waited for the standby: committed here, and perhaps not there.
            if ran.returncode == 0 and "WARNING" not in ran.stderr:
                committed.append(number)
            elif "duplicate key" in ran.stderr:
                faults.append(ran.stderr)

    producers = [threading.Thread(target=produce, args=(first,), daemon=True) for first in (1000, 100_000)]
    for producer in producers:
        producer.start()
    try:
        until(lambda: len(committed) >= 40 and primary.offloaded(name) >= 20, "work under way")
        primary.stop("immediate")
        before = len(committed)
        killed = time.monotonic()
        standby.sql("postgres", "select pg_promote(true)")
        until(lambda: len(committed) >= before + 40, "writes after the failover")
    finally:
        stopping.set()
        for producer in producers:
            producer.join()
    equal(faults, [], "the application failed")
    rows = "select count(*) filter (where image_url_at is null and image <> 'no image') from products"
    until(lambda: standby.sql(name, rows) == "0" and standby.sql(name, "select count(*) from offload.arrival") == "0",
          lambda: f"all rows offloaded\n{worker.said()[-2000:]}")
    expect(time.monotonic() - killed < 60, "it took more than a minute")
    there = set(map(int, standby.sql(name, "select id from products").split()))
    equal(set(committed) - there, set(), "committed rows are lost")

    # Effects once: an item a row, an object an image, a file an object, and no URL but the image's own.
    equal(standby.sql(name, """
        select count(*) filter (where i.object_hash is null), count(*) - count(distinct i.key)
        from offload.item i where i.refusal is null"""), "0|0", "items")
    equal(standby.sql(name, """
        select count(*) from offload.item i join products p on p.id = i.key[1]::int
        join offload.replica r on r.object_hash = i.object_hash
        where p.image_url_at is distinct from 'http://pictures.test/' || current_database() || '/' || r.key"""), "0", "URLs")
    equal(standby.sql(name, "select count(*) from offload.replica where state <> 'stored'"), "0", "uploads that hang")
    objects = int(standby.sql(name, "select count(*) from offload.replica"))
    # An object whose row did not reach the standby is sent again under the same name.
    equal(len(ground.files(name)), objects, "files and objects")
    equal(standby.sql(name, "select total, with_s3 from offload.storage_stats"),
          standby.sql(name, "select count(*), count(image_url_at) from products"), "the counts")
    lonely.until_said("connected to")
    for one in (lonely, worker):
        expect(one.process.poll() is None, f"a worker ended\n{one.said()[-2000:]}")
        moments = [line[:20] for line in one.said().splitlines() if " warning:" in line]
        most = max((moments.count(moment) for moment in moments), default=0)
        expect(most <= 1, f"{most} warnings in one second\n{one.said()[-3000:]}")
    spoken = [line[:20] for line in lonely.said().splitlines() if "is a standby" in line]
    equal(len(spoken), len(set(spoken)), f"said more than once a second\n{lonely.said()[:2000]}")


@check("several hosts mean the one that can be written, and a host that never answers keeps nobody from the next")
def silent_host(ground):
    import socket
    server = ground.server()
    name = server.database()
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        port = silent.getsockname()[1]
        several = f"postgresql://postgres@127.0.0.1:{port},127.0.0.1:{server.port}/{name}?connect_timeout=4"
        server.insert(name, 1)
        ground.run("work", "--until-empty", "--database", several)
    equal(server.offloaded(name), 1, "rows offloaded")


@check("databases of one cluster share nothing: a bell that is rung in one wakes nobody in the other")
def databases(ground):
    server = ground.server()
    one, other = server.database(), server.database()
    worker = ground.worker(server.at(one))
    locks = "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"
    until(lambda: server.sql(one, locks) == "1", "a worker that dozes")
    equal(server.sql(other, locks), "0", "locks of the other database")
    heard = server.sql(other, f"""
        listen offload; insert into products (id, image) values (1, '{png(1)}');
        select pg_try_advisory_lock(offload._doorbell(), 1), (select count(*) from offload.arrival)""")
    expect("t|1" in heard and "Asynchronous" not in heard, f"the other's lock is in the way, or rang: {heard}")
    bell = subprocess.Popen([ground.bindir / "psql", "-XAtq", "-d", server.at(other)], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    server.insert(one, 1)
    until(lambda: server.offloaded(one) == 1, lambda: f"the row of the worker's own database\n{worker.said()}")
    heard, _ = bell.communicate("listen offload;\nselect 1;\n", timeout=30)
    expect("Asynchronous" not in heard, heard)
    equal(server.sql(other, "select count(image_url_at), (select count(*) from offload.arrival) from products"), "0|1",
          "rows and jobs of the other database")
