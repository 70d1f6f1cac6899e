"""The ground that the checks stand on: the program, a private Postgres, a directory that is wiped."""

import base64
import contextlib
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request

from checks import PROJECT, Failure, expect, free_port, plain_environment, png_file

def png(seed, width=96, height=64):
    """A picture with enough in it to be worth compressing, as any program would write it."""
    return png_file(
        width, height, lambda x, y: ((x * seed * 3 + y) % 256, (x * y // 7 + seed) % 256, (x ^ y * seed) % 256), 3, level=1)


def base64_text(data):
    return base64.b64encode(data).decode()


def fetched(url):
    """The bytes behind a URL, or None."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.read()
    except OSError:
        return None


def is_webp(data):
    return data is not None and data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def documented(document, heading, language):
    """The code blocks of one language below a heading of a document of ours, each a text."""
    text = (PROJECT / document).read_text()
    section = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#{{1,2}} |\Z)", text, re.M | re.S)
    expect(section, f"{document} has no heading {heading}")
    return re.findall(rf"^```{language}\n(.*?)^```", section.group(2), re.M | re.S)


class Refused(Exception):
    pass


class Ground:
    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="offload-newcomer."))
        self.root.chmod(0o755)
        self.databases = 0
        self.cluster = None
        try:
            self.offload = self._program()
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.cluster:
            subprocess.run([PROJECT / "scripts/testbed/postgres", "wipe", self.cluster], check=False)
        shutil.rmtree(self.root, ignore_errors=True)

    def _program(self):
        build = ["swift", "build", "--quiet", "-c", "release", "--static-swift-stdlib", "--product", "offload"]
        subprocess.run(build, cwd=PROJECT, check=True, stdin=subprocess.DEVNULL)
        program = self.root / "offload"
        shutil.copy2(PROJECT / ".build/release/offload", program)
        program.chmod(0o755)
        return program

    def _start(self):
        debian = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[0]
        self.bindir = pathlib.Path(self._printed(PROJECT / "scripts/testbed/server", "copy", debian, self.root / "server"))
        self.cluster = self.root / "postgres"
        self.dsn = self._printed(PROJECT / "scripts/testbed/postgres", "start", self.cluster, self.bindir)
        self.psql("postgres", "create role shop login")

    @staticmethod
    def _printed(*command):
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def url(self, database, user="shop"):
        return self.dsn.replace("postgres@", f"{user}@").rsplit("/", 1)[0] + "/" + database

    def database(self, route=None):
        """A new database that belongs to role shop, with pg_offload in it by the route that is named."""
        self.databases += 1
        name = f"shop{self.databases}"
        self.psql("postgres", f"create database {name} owner shop template template0")
        if route == "extension":
            self.psql(name, "create extension pg_offload", user="shop")
        elif route == "program":
            self.run("install", database=name)
        return name

    def _psql(self, database, script, user, *options):
        ran = subprocess.run(
            [self.bindir / "psql", "-X", "-v", "ON_ERROR_STOP=1", *options, "-d", self.url(database, user)],
            input=script.encode() if isinstance(script, str) else script, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if ran.returncode != 0:
            raise Failure(ran.stderr.decode())
        return ran

    def psql(self, database, script, user="postgres"):
        """The rows, unaligned."""
        return self._psql(database, script, user, "-Atq").stdout.decode().strip()

    def raw(self, database, script, user="shop"):
        """What psql prints, byte by byte."""
        return self._psql(database, script, user, "-Aq").stdout

    def notices(self, database, script, user="shop"):
        return self._psql(database, script, user, "-Atq").stderr.decode()

    def run(self, *arguments, database=None, status=0, environment=None, text=True):
        """The program; its standard output."""
        settings = {"DATABASE_URL": self.url(database)} if database else {}
        ran = subprocess.run(
            [self.offload, *arguments], cwd=self.root, env=plain_environment(**settings, **(environment or {})), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        if ran.returncode != status:
            raise Failure(f"offload {' '.join(map(str, arguments))}: status {ran.returncode}\n{ran.stderr.decode()[-2000:]}")
        return ran.stdout.decode() if text else ran.stdout

    def work(self, database):
        return self.run("work", "--until-empty", database=database)

    @contextlib.contextmanager
    def s3(self):
        """A private S3 server with one bucket; what an application's environment says of it."""
        program = PROJECT / "scripts/testbed/s3-rgw"
        port = free_port()
        environment = {
            "S3_BUCKET_NAME": "test", "S3_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "S3_ACCESS_KEY_ID": "testaccesskey", "S3_SECRET_ACCESS_KEY": "testsecretkey0123456789"}
        try:
            subprocess.run(
                [program, "start", self.root / "s3", str(port)], check=True, stdout=subprocess.DEVNULL,
                env={**os.environ, "S3_BUCKET": "test", "S3_ACCESS_KEY": environment["S3_ACCESS_KEY_ID"],
                     "S3_SECRET_KEY": environment["S3_SECRET_ACCESS_KEY"]})
            yield environment
        finally:
            subprocess.run([program, "wipe", self.root / "s3"], check=False, stdout=subprocess.DEVNULL)

    def directory(self, name):
        path = self.root / name
        path.mkdir(exist_ok=True)
        return path

    def owned(self, name):
        """A directory for a server that must not run as root, and how to begin its commands."""
        path = self.directory(name)
        if os.getuid() != 0:
            return path, []
        account = pwd.getpwnam("nobody")
        os.chown(path, account.pw_uid, account.pw_gid)
        return path, ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", "--"]
