"""pgbouncer between the application, or the worker, and the database."""

import os
import shutil
import subprocess

from checks import check, equal, expect, free_port, until
from ground import as_server, png


def pooler(ground, mode, size=4):
    """A pgbouncer before the main server; a function that makes its URL of a database's name."""
    server = ground.server()
    directory = ground.root / f"pgbouncer-{len(list(ground.root.glob('pgbouncer-*')))}"
    directory.mkdir()
    port = free_port()
    (directory / "users.txt").write_text('"postgres" ""\n')
    (directory / "pgbouncer.ini").write_text(f"""
[databases]
* = host=127.0.0.1 port={server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {directory}/users.txt
pool_mode = {mode}
default_pool_size = {size}
max_client_conn = 100
logfile = {directory}/log
""")
    if os.getuid() == 0:
        for path in (directory, *directory.iterdir()):
            shutil.chown(path, "postgres")
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:" + os.environ.get("PATH", ""))
    log = open(directory / "output", "wb")
    process = subprocess.Popen([program, directory / "pgbouncer.ini"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                               cwd="/", **as_server())
    ground.others.append(process)

    def url(name):
        return f"postgresql://postgres@127.0.0.1:{port}/{name}?application_name=pooled"

    def answers():
        expect(process.poll() is None, f"pgbouncer ended: {(directory / 'output').read_text()}")
        return subprocess.run([ground.bindir / "psql", "-XAtqc", "select 1", url("postgres")], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    until(answers, "pgbouncer")
    return url


@check("an application writes through pgbouncer in transaction mode, and a worker that dozes hears of it at once")
def producers(ground):
    server = ground.server()
    name = server.database()
    pooled = pooler(ground, "transaction")(name)
    worker = ground.worker(server.at(name))
    dozes = "select count(*) from pg_locks where locktype = 'advisory' and mode = 'ExclusiveLock' and database = (select oid from pg_database where datname = current_database())"
    until(lambda: server.sql(name, dozes) == "1", "a worker that dozes")
    for number in range(1, 6):
        ground.sql(pooled, f"insert into products (id, image) values ({number}, '{png(number)}')")
    ground.sql(pooled, f"begin; insert into products (id, image) values (6, '{png(6)}'); savepoint s; "
                       f"insert into products (id, image) values (7, '{png(7)}'); rollback to s; commit")
    # Sooner than it would have looked by itself, which is after 30 s.
    until(lambda: server.offloaded(name) == 6, lambda: worker.said(), patience=25)
    equal(ground.sql(pooled, "select count(*) from products_media where image_source = 'directory'"), "6", "the view")


@check("a worker refuses to listen through pgbouncer in transaction mode, whatever the size of the pool, and says what to do")
def refusal(ground):
    server = ground.server()
    name = server.database()
    for size in (1, 4):
        pooled = pooler(ground, "transaction", size)(name)
        said = ground.fails("work", "--database", pooled)
        expect("a pooler in transaction mode stands between" in said and "DIRECT_URL" in said, said)
    expect("a pooler stands between" in ground.run("doctor", "--database", pooled), "doctor does not say so")
    server.insert(name, 1)
    ground.run("work", "--until-empty", "--database", pooled)
    equal(server.offloaded(name), 1, "rows done from cron, which needs no LISTEN")
    worker = ground.worker(None, DATABASE_URL=pooled, DIRECT_URL=server.at(name))
    worker.until_said("connected to")
    server.insert(name, 2)
    until(lambda: server.offloaded(name) == 2, lambda: worker.said())


@check("a worker listens through pgbouncer in session mode")
def session_mode(ground):
    server = ground.server()
    name = server.database()
    worker = ground.worker(pooler(ground, "session", 20)(name))
    worker.until_said("connected to")
    dozes = "select count(*) from pg_locks where locktype = 'advisory' and mode = 'ExclusiveLock' and database = (select oid from pg_database where datname = current_database())"
    until(lambda: server.sql(name, dozes) == "1", lambda: f"a worker that dozes\n{worker.said()}")
    server.insert(name, 1)
    until(lambda: server.offloaded(name) == 1, lambda: worker.said(), patience=25)
