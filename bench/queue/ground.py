"""What the rows of the table stand on: one cluster, its databases, workers, producers and a relay."""

import contextlib
import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time

import psycopg

PROJECT = pathlib.Path(__file__).resolve().parents[2]
TESTBED = PROJECT / "scripts/testbed"
BINDIR = pathlib.Path("/usr/lib/postgresql/15/bin")
HERE_PEERS = pathlib.Path(__file__).with_name("peers.py")


def output(*command, env=None, check=True):
    return subprocess.run(
        [str(part) for part in command], check=check, stdout=subprocess.PIPE, text=True,
        env={**os.environ, **(env or {})}).stdout.strip()


def until(condition, limit, pause=0.02):
    """Seconds until the condition holds; None when it does not within the limit."""
    start = time.monotonic()
    while time.monotonic() - start < limit:
        if condition():
            return time.monotonic() - start
        time.sleep(pause)
    return None


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Cluster:
    def __init__(self, scratch, name="cluster", options=""):
        self.scratch = pathlib.Path(scratch)
        self.directory = self.scratch / name
        server = self.scratch / "server"
        if not server.exists():
            output(TESTBED / "server", "copy", BINDIR, server)
        self.bindir = next(path for path in server.glob("**/bin") if (path / "postgres").exists())
        settings = (
            "shared_buffers = '512MB'\nmin_wal_size = '4GB'\nmax_wal_size = '8GB'\ncheckpoint_timeout = '30min'\nmax_connections = 200\n"
            "log_min_messages = warning\n" + options)
        self.dsn = output(
            TESTBED / "postgres", "start", self.directory, self.bindir, env={"PG_FSYNC": "on", "PG_OPTIONS": settings})
        self.admin = self.connect(self.dsn)

    def connect(self, dsn):
        return psycopg.connect(dsn, autocommit=True)

    def other(self, name):
        return re.sub(r"(://[^/]*/)[^?]*", lambda match: match.group(1) + name, self.dsn)

    def database(self, name, extension=None):
        self.admin.execute(f"create database {name}")
        connection = self.connect(self.other(name))
        if extension:
            connection.execute(f"create extension {extension}")
        return connection

    def restart(self, mode="fast"):
        output(TESTBED / "postgres", "restart", self.directory, mode)

    def wipe(self):
        with contextlib.suppress(Exception):
            self.admin.close()
        output(TESTBED / "postgres", "wipe", self.directory, check=False)

    def log_size(self):
        return (self.directory / "log").stat().st_size

    def log_since(self, offset):
        with open(self.directory / "log", errors="replace") as file:
            file.seek(offset)
            return file.read().splitlines()


class Shop:
    """A database of ours: `pictures` is managed, one text a row, kept in the row itself."""

    def __init__(self, cluster, name, rows=0, doorbell="on", store=None):
        self.cluster, self.name, self.dsn = cluster, name, cluster.other(name)
        self.db = cluster.database(name, "pg_offload")
        self.db.execute("set client_min_messages = warning")
        self.db.execute(f"insert into offload.setting (name, value) values ('doorbell', '{doorbell}')")
        self.db.execute("create table pictures (id bigint generated always as identity primary key, image text, url text)")
        stores = ""
        if store:
            self.db.execute(
                "select offload.add_store('disk', 'directory', path => %s, public_url => 'https://pictures.example')",
                [str(store)])
            stores = ", strategy => 's3_primary', stores => '{disk}'"
        self.db.execute(
            f"select offload.attach('pictures', 'image', url_column => 'url', kind => 'file', view_name => null{stores})")
        if rows:
            self.db.execute(
                "insert into pictures (image) select encode(('picture ' || n)::bytea, 'base64') from generate_series(1, %s) n",
                [rows])
            self.drain()

    def drain(self):
        ended = subprocess.run([program(), "work", "--until-empty", "--database", self.dsn], capture_output=True, text=True)
        if ended.returncode:
            raise RuntimeError(ended.stderr)

    def left(self):
        return self.db.execute("select (select count(*) from offload.arrival) - (select count(*) from offload.job where died_at is not null)").fetchone()[0]

    def one(self, statement, parameters=()):
        return self.db.execute(statement, parameters).fetchone()[0]

    def requeue(self, jobs, rows, ring=False):
        """Looks at rows that need nothing: what a full-row save leaves for the worker to find out."""
        with self.db.transaction():
            self.db.execute(
                "insert into offload.arrival (managed_table, key) select 1, array[(1 + n %% %s)::text] from generate_series(0, %s) n",
                [rows, jobs - 1])
            if ring:
                self.db.execute("select offload._ring()")
        if not ring:
            self.db.execute("vacuum analyze offload.arrival, offload.job")

    def change(self):
        """Other bytes in every row."""
        self.db.execute("update pictures set image = encode(convert_to(gen_random_uuid()::text, 'UTF8'), 'base64')")

    def clear(self):
        """Empty, and nothing left to be looked at: a TRUNCATE queues a look at the whole table."""
        self.db.execute("truncate pictures, offload.item, offload.count_entry, offload.row_entry, offload.dereferenced")
        self.db.execute("truncate offload.arrival")
        self.db.execute("vacuum analyze offload.arrival, offload.job, offload.item, pictures")

    def note_claims(self):
        """When each job was queued and when it was claimed, by the server's clock."""
        self.db.execute("create unlogged table if not exists claims (job bigint, queued timestamptz, claimed timestamptz)")
        self.db.execute("""
            create or replace function note_claim() returns trigger language plpgsql as $$
            begin
              insert into public.claims values (new.id, new.created_at, clock_timestamp());
              return null;
            end $$""")
        self.db.execute("drop trigger if exists note_claim on offload.job")
        self.db.execute("""
            create trigger note_claim after insert on offload.job for each row
            when (new.lease is not null and new.attempts = 1) execute function note_claim()""")

    def waits(self):
        """Milliseconds from queued to claimed."""
        waits = [float(row[0]) for row in self.db.execute("select 1000 * extract(epoch from claimed - queued) from claims")]
        self.db.execute("truncate claims")
        return waits

    def stop_noting(self):
        self.db.execute("drop trigger if exists note_claim on offload.job")


def program():
    return os.environ["OFFLOAD_PROGRAM"]


class Worker:
    """`offload work`, its log with the time of each line."""

    def __init__(self, dsn, *arguments):
        self.lines = []
        self.process = subprocess.Popen(
            [program(), "work", "--database", dsn, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stderr:
            self.lines.append((time.monotonic(), line.rstrip()))

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(timeout=30)
        self.reader.join()

    def most_lines_a_second(self, since):
        """Of what it complains about."""
        times = [at for at, line in self.lines if at >= since and re.search(r"warning|error", line)]
        return max((sum(1 for other in times if at <= other < at + 1) for at in times), default=0)

    def count(self, text):
        return sum(1 for _, line in self.lines if text in line)


@contextlib.contextmanager
def worker(dsn, *arguments):
    one = Worker(dsn, *arguments)
    try:
        yield one
    finally:
        one.stop()


class Producers:
    """pgbench with a script of ours. `rate` is for all clients together."""

    def __init__(self, cluster, dsn, script, clients, seconds=None, transactions=None, rate=None):
        file = tempfile.NamedTemporaryFile("w", suffix=".sql", dir=cluster.scratch, delete=False)
        file.write(script)
        file.close()
        command = [cluster.bindir / "pgbench", "-n", "-M", "prepared", "-c", clients, "-j", min(2, clients), "-f", file.name]
        command += ["-T", seconds] if seconds else ["-t", transactions]
        command += ["-R", rate] if rate else []
        self.process = subprocess.Popen(
            [str(part) for part in [*command, dsn]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def end(self):
        report = self.process.communicate()[0]
        if self.process.returncode:
            raise RuntimeError(report)
        return float(re.search(r"tps = ([\d.]+)", report).group(1)), int(
            re.search(r"actually processed: (\d+)", report).group(1))


class Relay:
    """Passes TCP on, until it is told to keep what it has to itself; new connections pass again."""

    def __init__(self, port):
        self.to = port
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.pairs, self.silent, self.ended = [], set(), False
        # Held while data passes: once they are silent, nothing does.
        self.passing = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while not self.ended:
            try:
                client = self.server.accept()[0]
                pair = (client, socket.create_connection(("127.0.0.1", self.to)))
            except OSError:
                return
            self.pairs.append(pair)
            threading.Thread(target=self._carry, args=(pair,), daemon=True).start()

    def _carry(self, pair):
        while not self.ended:
            ready, _, _ = select.select(pair, [], [], 0.2)
            with self.passing:
                is_silent = id(pair) in self.silent
                for one in ready if not is_silent else []:
                    try:
                        data = one.recv(65536)
                        if not data:
                            raise OSError
                        (pair[1] if one is pair[0] else pair[0]).sendall(data)
                    except OSError:
                        for end in pair:
                            end.close()
                        return
            if is_silent:
                time.sleep(0.2)

    def silence(self):
        with self.passing:
            self.silent |= {id(pair) for pair in self.pairs}

    def end(self):
        self.ended = True
        self.server.close()
