"""The ground that the checks stand on: servers, the program, a directory that is wiped."""

import base64
import hashlib
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from checks import PROJECT, Failure, expect, plain_environment, png_file, until

PROGRAM = PROJECT / ".build/debug/offload"
TESTBED = PROJECT / "scripts/testbed"


def png(seed):
    """A small picture of its own, as base64."""
    rows = [hashlib.sha256(b"%d %d" % (seed, y)).digest() for y in range(8)]
    return base64.b64encode(png_file(8, 8, lambda x, y: (rows[y][x],), 1)).decode()


def printed(*command, **options):
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL,
                         env=plain_environment(**options.pop("environment", {})), **options)
    if ran.returncode != 0:
        raise Failure(f"{' '.join(map(str, command[:4]))}: status {ran.returncode}\n{ran.stderr[-2000:]}")
    return ran.stdout.strip()


def as_server():
    """Who runs the servers: Postgres and pgbouncer refuse root."""
    if os.getuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


class Server:
    """A cluster."""

    def __init__(self, ground, name, settings=(), standby_of=None):
        self.ground = ground
        self.directory = ground.root / name
        options = "\n".join(settings)
        if standby_of:
            self._copy(standby_of)
            options += f"\nprimary_conninfo = '{standby_of.dsn('replication=true')}'\nhot_standby_feedback = on"
        self.url = printed(TESTBED / "postgres", "start", self.directory, ground.bindir, environment={"PG_OPTIONS": options})
        self.port = int(re.search(r":(\d+)/", self.url).group(1))

    def _copy(self, primary):
        """What scripts/testbed/postgres makes, out of a base backup."""
        self.directory.mkdir()
        (self.directory / ".postgres-testbed").touch()
        (self.directory / "ready").touch()
        (self.directory / "bindir").write_text(f"{self.ground.bindir}\n")
        if os.getuid() == 0:
            shutil.chown(self.directory, "postgres")
        data = self.directory / "data"
        printed(self.ground.bindir / "pg_basebackup", "-D", data, "-X", "stream", "-c", "fast", "--no-sync",
                "-d", primary.url, cwd="/", **as_server())
        printed("touch", data / "standby.signal", cwd="/", **as_server())

    def dsn(self, more=""):
        return f"host=127.0.0.1 port={self.port} user=postgres {more}"

    def at(self, database, user="postgres"):
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def stop(self, mode="fast"):
        printed(TESTBED / "postgres", "stop", self.directory, mode)

    def wipe(self):
        subprocess.run([TESTBED / "postgres", "wipe", self.directory], check=False, stdout=subprocess.DEVNULL)

    def sql(self, database, text, user="postgres"):
        return self.ground.sql(self.at(database, user), text)

    def database(self, installed=True, shop=True):
        """A new database; with pg_offload and an attached table, unless it is said otherwise. Its name."""
        self.ground.databases += 1
        name = f"d{self.ground.databases}"
        self.sql("postgres", f"create database {name} template template0")
        if installed:
            self.ground.run("install", "--database", self.at(name))
            if shop:
                self.shop(name)
        return name

    def shop(self, name, store="disk"):
        """The usual table, whose pictures go to a directory."""
        self.sql(name, f"""
            create table products (id int primary key, name text, image text, image_url_at text);
            select offload.add_store('{store}', 'directory', path => '{self.ground.directory(name)}',
              public_url => 'http://pictures.test/{name}');
            select offload.attach('products', 'image', url_column => 'image_url_at', local_store => '{store}')""")

    def insert(self, name, *numbers, user="postgres"):
        self.sql(name, "".join(f"insert into products (id, image) values ({n}, '{png(n)}');" for n in numbers), user)

    def offloaded(self, name):
        """How many rows have their URL."""
        return int(self.sql(name, "select count(image_url_at) from products"))


class Worker:
    """A running `offload work`."""

    def __init__(self, ground, url=None, *arguments, **environment):
        self.log = ground.root / f"worker-{len(ground.workers)}.log"
        self.began = time.monotonic()
        options = ["--database", url] if url else []
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "work", "--lease", "2", *options, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=plain_environment(**environment), cwd=ground.root)
        ground.workers.append(self)

    def said(self):
        return self.log.read_text(errors="replace")

    def until_said(self, text):
        until(lambda: text in self.said() or self.process.poll() is not None, lambda: f"{text}\n{self.said()[-3000:]}")
        expect(text in self.said(), f"the worker ended and did not say: {text}\n{self.said()[-3000:]}")

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


class Ground:
    def __init__(self, bindir):
        self.source = pathlib.Path(bindir)

    def __enter__(self):
        for name in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, lambda *_: sys.exit(143))
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="offload-shapes."))
        self.root.chmod(0o755)
        self.databases = 0
        self.workers = []
        self.others = []
        self.servers = {}
        try:
            self.bindir = pathlib.Path(printed(TESTBED / "server", "copy", self.source, self.root / "server"))
            self.version = re.search(r"[\d.]+", printed(self.bindir / "postgres", "--version")).group()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.end_check()
        for server in self.servers.values():
            server.wipe()
        for leftover in self.root.glob("*/.postgres-testbed"):
            subprocess.run([TESTBED / "postgres", "wipe", leftover.parent], check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(self.root, ignore_errors=True)

    def end_check(self):
        """Ends what a check left running: workers, poolers."""
        for worker in self.workers:
            worker.end()
        for process in self.others:
            if process.poll() is None:
                process.terminate()
                process.wait()
        self.others.clear()

    def server(self, name="main", *settings, **options):
        """The cluster of that name, started when it is asked for first."""
        if name not in self.servers:
            self.servers[name] = Server(self, name, settings, **options)
        return self.servers[name]

    def directory(self, name):
        path = self.root / f"store-{name}"
        path.mkdir(exist_ok=True)
        return path

    def files(self, name):
        return [path for path in self.directory(name).rglob("*") if path.is_file()]

    def worker(self, url=None, *arguments, **environment):
        return Worker(self, url, *arguments, **environment)

    def run(self, *arguments, **environment):
        return printed(PROGRAM, *arguments, environment=environment, cwd=self.root, timeout=90)

    def fails(self, *arguments, **environment):
        """What the program says when it does not succeed."""
        ran = subprocess.run([PROGRAM, *arguments], env=plain_environment(**environment), cwd=self.root, timeout=90,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        expect(ran.returncode == 1, f"offload {' '.join(arguments)}: status {ran.returncode}\n{ran.stdout[-2000:]}")
        return ran.stdout

    def sql(self, url, text):
        # pgbouncer takes no options.
        quiet = {} if "pooled" in url else {"PGOPTIONS": "-c client_min_messages=warning"}
        return printed(self.bindir / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", text, environment=quiet)

    def run_script(self, url, text):
        """Each statement by itself."""
        ran = subprocess.run([self.bindir / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url], input=text, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=plain_environment())
        if ran.returncode != 0:
            raise Failure(f"{text}\n{ran.stderr}")

    def refused(self, url, text):
        try:
            self.sql(url, text)
        except Failure as failure:
            return str(failure)
        raise Failure(f"it was not refused: {text}")
