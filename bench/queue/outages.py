"""Row 9: what befalls a listener, and how long until work is found again."""

import os
import socket
import subprocess
import sys
import time

from ground import Cluster, Relay, Shop, output, until, worker, TESTBED


def again(insert, done):
    """Seconds until a new row is done, with the writing of it tried until it succeeds."""
    start = time.monotonic()

    def written():
        try:
            insert()
            return True
        except Exception:
            return False

    if until(written, 60) is None or until(done, 60) is None:
        return 60.0
    return time.monotonic() - start


def outages(bench):
    results = {}
    scratch = bench.cluster.scratch
    cluster = Cluster(scratch, "outages", "wal_level = replica\nmax_wal_senders = 4\nhot_standby = on\n")
    standby = None
    try:
        shop = Shop(cluster, "shop")
        port = int(cluster.dsn.split("//")[1].split("/")[0].rsplit(":", 1)[1].split("?")[0])
        relay = Relay(port)
        through = shop.dsn.replace(f":{port}", f":{relay.port}")
        count = [0]

        def insert(dsn=shop.dsn):
            with cluster.connect(dsn) as db:
                db.execute("insert into pictures (image) values (%s)", ["aGVsbG8"])

        def done(dsn=shop.dsn):
            try:
                with cluster.connect(dsn) as db:
                    return db.execute("select count(*) from offload.arrival").fetchone()[0] == 0
            except Exception:
                return False

        def measure(name, one, harm, *arguments):
            until(lambda: done(*arguments), 30)
            time.sleep(1)
            start = time.monotonic()
            harm()
            results[f"{name} s"] = again(lambda: insert(*arguments), lambda: done(*arguments))
            results["lines/s"] = max(results.get("lines/s", 0), one.most_lines_a_second(start))
            count[0] += 1

        with worker(through) as one:
            insert()
            measure("killed", one, lambda: shop.db.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'offload listen'"))
            measure("black-holed", one, relay.silence)
            shop.db.close()
            measure("restarted", one, cluster.restart)
        relay.end()

        # A standby of its own, which the worker knows as the second host.
        standby = scratch / "standby"
        # The server's account owns it, as it owns the first.
        owner = (cluster.directory / "data").stat().st_uid
        data = standby / "data"
        standby.mkdir()
        os.chown(standby, owner, owner)

        def as_owner(*command, check=True):
            subprocess.run(
                ["setpriv", "--reuid", str(owner), "--regid", str(owner), "--clear-groups", *map(str, command)] if os.getuid() == 0
                else list(map(str, command)), check=check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        as_owner(cluster.bindir / "pg_basebackup", "-D", data, "-R", "-d", cluster.dsn, "-c", "fast")
        with socket.create_server(("127.0.0.1", 0)) as free:
            other = free.getsockname()[1]
        with open(data / "postgresql.auto.conf", "a") as file:
            file.write(f"port = {other}\n")
        try:
            as_owner(cluster.bindir / "pg_ctl", "-D", data, "-w", "-l", standby / "log", "start")
        except subprocess.CalledProcessError:
            sys.stderr.write((standby / "log").read_text())
            raise
        two = shop.dsn.replace(f":{port}", f":{port},127.0.0.1:{other}") + ("&" if "?" in shop.dsn else "?")
        two += "target_session_attrs=read-write"
        promoted = shop.dsn.replace(f":{port}", f":{other}")

        def promote():
            output(TESTBED / "postgres", "stop", cluster.directory, "immediate")
            as_owner(cluster.bindir / "pg_ctl", "-D", data, "-w", "promote")

        with worker(two) as one:
            insert()
            until(done, 30)
            time.sleep(1)
            start = time.monotonic()
            promote()
            results["promoted s"] = again(lambda: insert(promoted), lambda: done(promoted))
            results["lines/s"] = max(results["lines/s"], one.most_lines_a_second(start))
        results["worst s"] = max(value for name, value in results.items() if name.endswith(" s"))
        return results
    finally:
        if standby is not None and (standby / "data").exists():
            as_owner(cluster.bindir / "pg_ctl", "-D", standby / "data", "-m", "immediate", "stop", check=False)
        cluster.wipe()
