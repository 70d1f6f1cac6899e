"""scripts/start at a terminal: as root and as anybody, twice, until Ctrl-C; and on a database that is there."""

import contextlib
import os
import pathlib
import pty
import pwd
import re
import select
import shutil
import signal
import subprocess
import time

from checks import PROJECT, check, equal, expect
from ground import fetched, is_webp

PATIENCE = 180


def copied(place, name):
    """The tree as a clone has it, with nothing that was built."""
    tree = place.root / name / "pg_offload"
    shutil.copytree(PROJECT, tree, symlinks=True, ignore=shutil.ignore_patterns(
        ".git", ".build", ".offload", "build", "__pycache__", "Tests", "bench"))
    return tree


class Terminal:
    """scripts/start of a tree at a terminal of its own."""

    def __init__(self, place, tree, *arguments, account=None, environment=None):
        self.tree = tree
        self.shown = ""
        settings = {
            "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TERM": "dumb", "HOME": str(tree.parent),
            "OFFLOAD_PROGRAM": str(place.offload), **(environment or {})}
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            try:
                if account:
                    os.initgroups(account.pw_name, account.pw_gid)
                    os.setgid(account.pw_gid)
                    os.setuid(account.pw_uid)
                os.chdir(tree)
                os.execve("scripts/start", ["scripts/start", *arguments], settings)
            finally:
                os._exit(127)
        self.status = None

    def read(self):
        if select.select([self.terminal], [], [], 0.5)[0]:
            try:
                got = os.read(self.terminal, 65536)
            except OSError:
                got = b""  # Nobody holds the terminal any more.
            self.shown += got.decode(errors="replace").replace("\r\n", "\n")
            return bool(got)
        return True

    def until(self, text):
        end = time.monotonic() + PATIENCE
        while not re.search(text, self.shown):
            expect(self.read() and time.monotonic() < end, f"it never said {text!r}:\n{self.shown[-3000:]}")

    def press(self, keys):
        os.write(self.terminal, keys)

    def ended(self):
        """Its exit status, once it has ended."""
        end = time.monotonic() + PATIENCE
        while self.read():
            expect(time.monotonic() < end, f"it does not end:\n{self.shown[-3000:]}")
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            expect(time.monotonic() < end, "it does not end")
            time.sleep(0.02)
        return self.status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # As when the window is closed.
        os.close(self.terminal)
        end = time.monotonic() + 20
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.02)
        shop = self.tree / ".offload/postgres"
        if shop.exists():
            subprocess.run([PROJECT / "scripts/testbed/postgres", "stop", shop, "immediate"], check=False)


def at_work(tree):
    """The processes whose command line names the tree, or that work in it."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if command and int(process.name) != os.getpid() and (
                    str(tree) in command or os.readlink(process / "cwd").startswith(str(tree))):
                found.append(f"{process.name}: {command}")
    return found


def nothing_left(tree, server=None):
    # The server removes its pid file just before it is gone; one that nobody has waited for has no command line.
    end = time.monotonic() + 10
    while at_work(tree) and time.monotonic() < end:
        time.sleep(0.02)
    equal(at_work(tree), [], "processes that are left")
    with contextlib.suppress(OSError):
        equal(pathlib.Path(f"/proc/{server}/cmdline").read_bytes(), b"", f"the server {server}")


def pid_of(file):
    return int(pathlib.Path(file).read_text().split()[0])


def session(place, tree, account):
    """One run until Ctrl-C; the rows of its shop."""
    with Terminal(place, tree, account=account) as terminal:
        terminal.until("The worker runs until Ctrl-C")
        dsn = re.search(r"Go on with: +psql (\S+)", terminal.shown).group(1)
        url = re.search(r"A URL that opens: +(\S+)", terminal.shown).group(1)
        expect(is_webp(fetched(url)), f"{url} does not open")
        expect("storage_stats" in terminal.shown and "100%" in terminal.shown, "it shows no statistics")
        asked = subprocess.run(
            ["psql", dsn, "-XAtc", "select id, name, image_remote_url from products order by id"],
            check=True, stdout=subprocess.PIPE, text=True, env={"PATH": os.environ["PATH"]})
        server = pid_of(tree / ".offload/postgres/data/postmaster.pid")
        alive = at_work(tree)
        expect(any(f"{server}:" in line for line in alive), f"the server {server} is not among: {alive}")
        owner = os.stat(f"/proc/{server}").st_uid
        expect(owner != 0, "the server runs as root")
        expect(account is None or owner == account.pw_uid, f"the server runs as {owner}")
        terminal.press(b"\x03")
        equal(terminal.ended(), 130, f"the status after Ctrl-C\n{terminal.shown[-800:]}")
        expect("goes on with the same data" in terminal.shown, f"it does not say how it ended:\n{terminal.shown[-800:]}")
        expect("Permission denied" not in terminal.shown, terminal.shown)
    expect(not (tree / ".offload/postgres/data/postmaster.pid").exists(), "the server left its pid file")
    nothing_left(tree, server)
    return asked.stdout.splitlines()


def twice(place, tree, account=None):
    first = session(place, tree, account)
    second = session(place, tree, account)
    equal((len(first), len(second)), (3, 4), "the products of the first run and of the second")
    equal(second[:3], first, "the rows that the first run had left")


@contextlib.contextmanager
def newcomer():
    """An account without rights, for as long as the check lasts; None where we are such a one."""
    if os.getuid() != 0:
        yield None
        return
    name = f"newcomer{os.getpid()}"
    subprocess.run(["useradd", "--no-create-home", "--shell", "/bin/bash", name], check=True)
    try:
        yield pwd.getpwnam(name)
    finally:
        subprocess.run(["userdel", name], check=True)


@check("scripts/start works as whoever runs the tests, twice; Ctrl-C stops everything, and the data stays")
def as_we_are(place):
    twice(place, copied(place, "start-as-we-are"))


@check("scripts/start works as an ordinary user, twice; Ctrl-C stops everything, and the data stays")
def as_a_user(place):
    tree = copied(place, "start-as-user")
    with newcomer() as account:
        if account:
            for path in [tree.parent, *tree.parent.rglob("*")]:
                os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
        twice(place, tree, account)


@check("scripts/start offers the bucket that the environment names, and says so when its URLs do not open")
def with_a_bucket(place):
    tree = copied(place, "start-with-bucket")
    with place.s3() as environment, Terminal(place, tree, "--once", environment=environment) as terminal:
        terminal.until("Put the pictures of the sample into bucket")
        terminal.press(b"y\n")
        equal(terminal.ended(), 0, f"the status\n{terminal.shown[-1500:]}")
        expect(environment["S3_ENDPOINT_URL"] + "/test/" in terminal.shown, terminal.shown[-1500:])
        # The bucket is private, as new buckets are: to call the URL one that opens would be a lie.
        expect("It does not open without credentials" in terminal.shown, terminal.shown[-1500:])
    nothing_left(tree)


OUTSIDE = r"""
\pset footer off
\pset format unaligned
select rolname, rolsuper, rolcreaterole, rolcanlogin, rolconfig from pg_roles where rolname !~ '^offload_' order by 1;
select r.rolname, m.rolname from pg_auth_members a join pg_roles r on r.oid = a.roleid join pg_roles m on m.oid = a.member
  where r.rolname !~ '^(offload_|pg_)' order by 1, 2;
select datname, datdba::regrole, datacl from pg_database order by 1;
select nspname, nspowner::regrole, nspacl from pg_namespace where nspname !~ '^(offload$|pg_t)' order by 1;
select c.oid::regclass::text, c.relkind, c.relowner::regrole, c.relacl from pg_class c
  where c.relnamespace not in (
    select oid from pg_namespace where nspname ~ '^(offload|pg_catalog|pg_toast|information_schema)$') order by 1;
select p.oid::regprocedure::text from pg_proc p
  where p.pronamespace not in (select oid from pg_namespace where nspname = 'offload') order by 1;
select t.oid::regtype::text from pg_type t
  where t.typnamespace not in (select oid from pg_namespace where nspname = 'offload') order by 1;
select tgrelid::regclass, tgname from pg_trigger where tgrelid in (
  select oid from pg_class where relnamespace <> (select oid from pg_namespace where nspname = 'public')) and false;
select tgrelid::regclass::text, tgname from pg_trigger where tgrelid = 'products'::regclass order by 1, 2;
select extname, extversion from pg_extension order by 1;
select evtname from pg_event_trigger order by 1;
select s.setdatabase, s.setrole::regrole, s.setconfig from pg_db_role_setting s order by 1, 2;
select * from products order by id;
\d products
"""


@check("scripts/start with DATABASE_URL shows what it would do, asks, and makes nothing outside schema offload and its roles")
def on_a_database(place):
    tree = copied(place, "start-on-database")
    database = place.database()
    place.psql(database, "create table products (id int primary key, image text); insert into products values (1, 'x')", "shop")
    before = place.raw(database, OUTSIDE, "postgres")
    # Roles are created by who may: the installer here is not the owner of the table.
    environment = {"DATABASE_URL": place.url(database, "postgres")}

    with Terminal(place, tree, environment=environment) as refused:
        refused.until("Install this")
        expect("It would create schema offload" in refused.shown, refused.shown)
        refused.press(b"n\n")
        equal(refused.ended(), 1, f"the status after a no\n{refused.shown[-800:]}")
    equal(place.psql(database, "select to_regnamespace('offload')"), "", "the schema after a no")

    with Terminal(place, tree, "--yes", environment=environment) as terminal:
        terminal.until("connected to ")
        worker = at_work(tree)
        expect(any("work" in line for line in worker), f"no worker among: {worker}")
        expect("It would create schema offload" in terminal.shown, terminal.shown)
        terminal.press(b"\x03")
        equal(terminal.ended(), 0, f"the status after Ctrl-C\n{terminal.shown[-800:]}")
    nothing_left(tree)
    equal(place.psql(database, "select to_regnamespace('offload')"), "offload", "the schema after --yes")
    after = place.raw(database, OUTSIDE, "postgres")
    differences = set(before.decode().splitlines()) ^ set(after.decode().splitlines())
    equal(sorted(differences), [], "what differs outside of schema offload and its roles")
    expect(not (tree / ".offload").exists(), "it made a shop of its own as well")
    # Every run after the first one is harmless.
    with Terminal(place, tree, "--yes", "--once", environment=environment) as again:
        equal(again.ended(), 0, f"the status of a second run\n{again.shown[-1500:]}")
    place.psql("postgres", f"drop database {database}; " + "".join(
        f"drop role offload_{kind}; " for kind in ("app", "analyst", "worker", "admin")))
