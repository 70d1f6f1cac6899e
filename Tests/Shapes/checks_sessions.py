"""The worker's sessions: what a role's defaults do to them, and what is left of them when their host vanishes."""

import json
import os
import re
import shlex
import signal
import subprocess
import time

from checks import check, equal, expect, until
from ground import PROGRAM, TESTBED, png

ODD = {
    "default_transaction_isolation": "serializable", "default_transaction_deferrable": "on", "statement_timeout": "1s",
    "lock_timeout": "1ms", "idle_in_transaction_session_timeout": "1ms", "idle_session_timeout": "300ms",
    "client_encoding": "latin1", "datestyle": "german, dmy", "intervalstyle": "iso_8601", "timezone": "Asia/Kathmandu",
    "extra_float_digits": "-10", "bytea_output": "escape", "standard_conforming_strings": "off",
    "escape_string_warning": "on", "search_path": "nowhere", "array_nulls": "off", "transform_null_equals": "on",
    "enable_indexscan": "off", "enable_nestloop": "off", "jit": "on", "jit_above_cost": "0", "work_mem": "64kB",
    "plan_cache_mode": "force_generic_plan", "geqo": "off", "xmloption": "document", "lc_monetary": "C.UTF-8",
}


@check("a role whose defaults are all odd works: two workers at once do every row, a slow one too, and complain of nothing")
def odd_defaults(ground):
    server = ground.server()
    name = server.database()
    server.sql(name, "create role odd login; select offload.grant_role('worker', 'odd')")
    settings = dict(ODD)
    if int(ground.version.split(".")[0]) >= 17:
        settings["transaction_timeout"] = "1s"
    for setting, value in settings.items():
        server.sql(name, f"alter role odd set {setting} = {value if ',' in value else repr(value)}")
    server.sql(name, f"""
        create table scans (key text, at timestamptz, body bytea, scan_link text, primary key (key, at));
        select offload.attach('scans', 'body', url_column => 'scan_link', kind => 'file', local_store => 'disk')""")
    workers = [ground.worker(server.at(name, "odd") + "?client_encoding=latin1", "--batch", "8") for _ in range(2)]
    for worker in workers:
        worker.until_said("connected to")
    rows = 300
    server.insert(name, *range(1, rows + 1))
    server.sql(name, """
        -- More than the role would have time for.
        create function nap() returns trigger language plpgsql as 'begin perform pg_sleep(1.5); return new; end';
        create trigger nap before update on scans for each row
          when (new.scan_link is not null and new.key = 'größe 1') execute function nap();
        insert into scans select 'größe ' || n, '2026-03-01 12:00+05:45'::timestamptz + n * interval '1 s',
          convert_to(repeat(md5(n::text), 1000000 / n), 'UTF8') from generate_series(1, 20) n""")
    server.sql(name, f"update products set image = '{png(1)}' where id % 3 = 0")
    done = "select (select count(image_url_at) from products), (select count(scan_link) from scans), (select count(*) from offload.arrival)"
    until(lambda: server.sql(name, done) == f"{rows}|20|0",
          lambda: server.sql(name, done) + "\n" + "\n".join(worker.said()[-1500:] for worker in workers), patience=60)
    server.sql(name, "delete from products where id % 2 = 0; truncate scans")
    until(lambda: server.sql(name, "select count(*) from offload.item") == str(rows // 2), "the items of what is left")
    for worker in workers:
        said = [line for line in worker.said().splitlines() if " info:" not in line]
        equal(said, [], "complaints")
        equal(worker.end(), 0, worker.said()[-2000:])
    equal(server.sql(name, """
        select count(*) from products p join offload.item i on i.key = array[p.id::text]
        join offload.replica r on r.object_hash = i.object_hash
        where p.image_url_at is distinct from 'http://pictures.test/' || current_database() || '/' || r.key"""), "0", "URLs")
    server.sql(name, "drop owned by odd; drop role odd")


@check("a role that may only read by default is left at that: its worker waits, says so once a second at most, and works when it may")
def read_only(ground):
    server = ground.server()
    name = server.database()
    server.sql(name, "create role reader login; select offload.grant_role('worker', 'reader'); "
                     "alter role reader set default_transaction_read_only = on")
    worker = ground.worker(server.at(name, "reader"))
    worker.until_said("may only read")
    server.insert(name, 1)
    expect("default_transaction_read_only" in ground.fails("work", "--until-empty", "--database", server.at(name, "reader")),
           "no hint")
    server.sql(name, "alter role reader reset default_transaction_read_only")
    until(lambda: server.offloaded(name) == 1, lambda: worker.said())
    spoken = [line[:20] for line in worker.said().splitlines() if " warning:" in line]
    equal(len(spoken), len(set(spoken)), f"said more than once a second\n{worker.said()[:2000]}")
    equal(worker.end(), 0, worker.said())
    server.sql(name, "drop owned by reader; drop role reader")


class TwoHosts:
    """A server and, behind a wire that can be cut, a place for workers: two network namespaces."""

    def __init__(self, ground):
        self.ground, self.directory = ground, ground.root / "far"
        # Who is not root keeps what it may do in a namespace of its own.
        own = [] if os.getuid() == 0 else ["--map-current-user", "--keep-caps"]
        self.shell = subprocess.Popen(["unshare", *own, "--net", "/bin/sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ground.others.append(self.shell)
        self.run("ip link set lo up; unshare --net sleep 600 & far=$!")
        self.far = self.run('until [ "$(readlink /proc/$far/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do :; done; echo $far')
        self.run("ip link add wire type veth peer name wire netns $far; ip address add 10.231.7.1/24 dev wire; ip link set wire up")
        self.run("nsenter -t $far -n sh -c 'ip address add 10.231.7.2/24 dev wire; ip link set wire up'")
        access = ground.root / "far-hba.conf"
        access.write_text("local all all trust\nhost all all 10.231.7.0/24 trust\n")
        access.chmod(0o644)
        options = f"listen_addresses = '10.231.7.1'\nhba_file = '{access}'"
        self.run(f"export PG_OPTIONS={shlex.quote(options)}")
        url = self.run(f"{TESTBED}/postgres start {self.directory} {ground.bindir}")
        self.port = re.search(r":(\d+)/", url).group(1)

    def run(self, line):
        self.shell.stdin.write(f"{line}\necho; echo done\n")
        self.shell.stdin.flush()
        answer = []
        while (said := self.shell.stdout.readline().rstrip("\n")) != "done":
            expect(self.shell.poll() is None or said, f"the shell ended at: {line}")
            answer.append(said)
        return "\n".join(answer).strip()

    def at(self, database, host="10.231.7.1"):
        return f"postgresql://postgres@/{database}?host={host}&port={self.port}"

    def sql(self, database, text):
        return self.ground.sql(self.at(database, self.directory), text)

    def worker(self, database):
        log = self.ground.root / f"far-{database}.log"
        process = self.run(f"nsenter -t $far -n {PROGRAM} work --database '{self.at(database)}' </dev/null >{log} 2>&1 & echo $!")
        return int(process), log

    def cut(self):
        self.run("nsenter -t $far -n ip link set wire down")

    def end(self):
        subprocess.run([TESTBED / "postgres", "wipe", self.directory], check=False, stdout=subprocess.DEVNULL)
        os.kill(int(self.far), signal.SIGKILL)


@check("a worker whose host vanishes without a word leaves its session, its locks and the bell within half a minute")
def vanished(ground):
    hosts = TwoHosts(ground)
    workers = []
    try:
        for name in ("idle", "rung"):
            hosts.sql("postgres", f"create database {name}")
            there = hosts.at(name, hosts.directory)
            ground.run("install", "--database", there)
            ground.sql(there, "create table notes (id int primary key, body bytea, url text); "
                              "select offload.attach('notes', 'body', url_column => 'url', kind => 'file')")
            workers.append(hosts.worker(name))
        locks = """select count(*) from pg_locks l join pg_database d on d.oid = l.database
            where l.locktype = 'advisory' and l.mode = 'ExclusiveLock' and d.datname in ('idle', 'rung')"""
        until(lambda: hosts.sql("postgres", locks) == "2",
              lambda: "two workers that doze\n" + "\n".join(log.read_text() for _, log in workers))
        sessions = "select count(*) from pg_stat_activity where application_name like 'offload %'"
        expect(int(hosts.sql("postgres", sessions)) >= 4, "sessions of the two")
        hosts.cut()
        began = time.monotonic()
        for process, _ in workers:
            os.kill(process, signal.SIGKILL)
        number = 0
        while int(hosts.sql("postgres", sessions)) > 0:
            expect(time.monotonic() - began < 30, f"after 30 s: {hosts.sql('postgres', locks)} bells, {hosts.sql('postgres', sessions)} sessions")
            number += 1
            hosts.sql("rung", f"insert into notes values ({number}, '\\x01')")
            time.sleep(0.2)
        equal(hosts.sql("postgres", locks), "0", "bells")
        expect(time.monotonic() - began > 5, "it was told, and found nothing out by itself")
        print(f"      free after {time.monotonic() - began:.1f} s")
    finally:
        hosts.end()


@check("a session that listens and does not read is seen: the view and status say how full its queue is, doctor and worker warn")
def notifications(ground):
    # Servers before 17 have room for 8 GB, which nobody fills for a test.
    is_small = int(ground.version.split(".")[0]) >= 17
    server = ground.server("notified", *(["max_notify_queue_pages = 64"] if is_small else []))
    name, bare = server.database(), server.database(shop=False)
    worker = ground.worker(server.at(name))
    worker.until_said("connected to")
    usage = "select pg_notification_queue_usage()"
    deaf = subprocess.Popen([ground.bindir / "psql", "-XAtq", "-d", server.at(name)], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)
    ground.others.append(deaf)
    deaf.stdin.write("listen stuck;\nbegin;\nselect 'stuck';\n")
    deaf.stdin.flush()
    equal(deaf.stdout.readline(), "stuck\n", "the listener")
    # One fills a page of 8 kB.
    pages = 26 if is_small else 12_000
    server.sql(name, f"select count(pg_notify('stuck', n || repeat('x', 7900))) from generate_series(1, {pages}) n")
    seen = float(server.sql(name, "select notification_usage from offload.queue_stats"))
    expect(0.38 < seen < 0.48 if is_small else 0.01 < seen < 0.02, f"usage {seen}")
    # What is the server's is told where nothing is attached, too.
    said = json.loads(ground.run("status", "--json", "--database", server.at(bare)))
    equal(said["notification_percent"], int(seen * 100), "status --json")
    doctor = ground.run("doctor", "--database", server.at(name))
    expect(f"the queue of notifications is {int(seen * 100)}% full" in doctor, doctor)
    equal("some session listens and does not read" in doctor, is_small, doctor)
    status = ground.run("status", "--database", server.at(bare))
    equal("queue of notifications is" in status, is_small, status)
    if is_small:
        worker.until_said("the server's queue of notifications fills")
    deaf.kill()
    deaf.wait()
    # The next one that rings clears it.
    until(lambda: float(server.sql(name, "notify stuck; " + usage)) < 0.01, "an empty queue")
    equal("notifications fills" in worker.said(), is_small, worker.said()[-1000:])
