"""The twelve rows of the table. Each measures once when called; a row that is timed is called in every round."""

import base64
import contextlib
import os
import re
import signal
import statistics
import sys
import threading
import time

from ground import HERE_PEERS, Cluster, Producers, Shop, Worker, output, percentile, until, worker

INSERT = "insert into pictures (image) values ('aGVsbG8');\n"


class Bench:
    def __init__(self, scratch, quick):
        self.scratch, self.quick = scratch, quick
        self.cluster = Cluster(scratch)
        self.shops = {}

    def shop(self, name, **options):
        if name not in self.shops:
            self.shops[name] = Shop(self.cluster, name, **options)
        return self.shops[name]

    def close(self):
        self.cluster.wipe()

    # 1
    def commits(self):
        """32 producers beside a worker that is awake, and the same with triggers that do not ring."""
        rates = {}
        for name, doorbell in self.turn([("control", "off"), ("bell", "on")]):
            shop = self.shop(name, doorbell=doorbell)
            shop.clear()
            shop.db.execute("checkpoint")
            with worker(shop.dsn):
                Producers(self.cluster, shop.dsn, INSERT, 32, seconds=1).end()
                rates[name], _ = Producers(self.cluster, shop.dsn, INSERT, 32, seconds=3 if self.quick else 8).end()
            # All of it: the rows that are gone would keep the next row's worker busy.
            shop.clear()
        return {"ratio": rates["bell"] / rates["control"], "commits/s": rates["bell"], "control": rates["control"]}

    def turn(self, pair):
        self.turns = getattr(self, "turns", 0) + 1
        return pair if self.turns % 2 else pair[::-1]

    # 2
    def quiet(self):
        shop = self.shop("bell")
        shop.note_claims()
        with worker(shop.dsn):
            Producers(self.cluster, shop.dsn, INSERT, 1, seconds=2, rate=5).end()
            shop.waits()
            Producers(self.cluster, shop.dsn, INSERT, 1, seconds=6 if self.quick else 20, rate=5).end()
            until(lambda: shop.left() == 0, 10)
            waits = shop.waits()
        shop.stop_noting()
        return {"p50 ms": percentile(waits, 0.5), "p99 ms": percentile(waits, 0.99), "jobs": len(waits)}

    # 3
    def busy(self):
        shop = self.shop("bell")
        shop.note_claims()
        with worker(shop.dsn):
            Producers(self.cluster, shop.dsn, INSERT, 32, seconds=2, rate=500).end()
            shop.waits()
            rate, _ = Producers(self.cluster, shop.dsn, INSERT, 32, seconds=3 if self.quick else 10, rate=500).end()
            until(lambda: shop.left() == 0, 20)
            waits = shop.waits()
        shop.stop_noting()
        return {"p50 ms": percentile(waits, 0.5), "p99 ms": percentile(waits, 0.99), "jobs/s": rate}

    # 4
    def fallback(self):
        """Bursts with pauses in between, so that the worker dozes off again and again; one commit in ten rolls back, one
        in a hundred takes up to a second after its insert."""
        shop = self.shop("bell")
        total, clients = (10_000 if self.quick else 100_000), 32
        plain = "begin;\n" + INSERT + "{end};\n"
        script = (
            "\\set how random(1, 100)\n"
            "\\if :how = 1\n  \\set ms random(1, 1000)\n  begin;\n  " + INSERT + "  select pg_sleep(:ms / 1000.0);\n  commit;\n"
            "\\elif :how <= 11\n" + plain.format(end="rollback") + "\\else\n" + plain.format(end="commit") + "\\endif\n")
        done, waits = 0, []
        with worker(shop.dsn) as one:
            while done < total:
                burst = 40 if done % 3 else 8
                Producers(self.cluster, shop.dsn, script, clients, transactions=burst).end()
                done += burst * clients
                # Until then no other commit may wake who missed this burst's last.
                waits.append(until(lambda: shop.left() == 0, 60) or 60)
                time.sleep(0.35)
            lost = shop.left()
            found = one.count("nobody rang for")
        # The work of a burst takes a second at most; who was not rung looks after ten.
        late = sum(1 for wait in waits if wait > 5)
        return {"found by the poll": max(found, late), "transactions": done, "bursts": len(waits), "left after": lost,
            "longest s to the end of a burst": max(waits)}

    # 5
    def held(self):
        """Which share of the offered rate is done in the last part of the time, with a transaction open all along."""
        shop = self.shop("bell")
        shop.clear()
        seconds, last = (24, 10) if self.quick else (150, 60)
        holder = self.cluster.connect(shop.dsn)
        holder.autocommit = False
        holder.execute("set transaction isolation level repeatable read")
        holder.execute("select count(*) from pictures")
        with worker(shop.dsn):
            producers = Producers(self.cluster, shop.dsn, INSERT, 8, seconds=seconds, rate=1000)

            def done():
                return shop.one("select (select last_value from pictures_id_seq) - (select count(*) from offload.arrival)")

            time.sleep(seconds - last)
            before, start = done(), time.monotonic()
            time.sleep(last - 1)
            rate = (done() - before) / (time.monotonic() - start)
            offered, _ = producers.end()
            backlog = shop.left()
            until(lambda: shop.left() == 0, 30)
        holder.rollback()
        holder.close()
        dead = shop.one("select sum(n_dead_tup)::bigint from pg_stat_user_tables where relid in ('offload.arrival'::regclass, 'offload.job'::regclass)")
        return {"share": rate / 1000, "done/s": rate, "offered/s": offered, "left at the end": backlog, "dead tuples": dead}

    # 6
    def killed(self):
        shop = self.shop("drain", rows=10_000)
        held = 0
        while held < 100:
            # What needs nothing is never held.
            shop.change()
            one = Worker(shop.dsn, "--batch", "64")
            until(lambda: shop.one("select count(*) from offload.job where lease is not null") >= 100, 20, 0)
            one.stop(signal.SIGKILL)
            rows = shop.db.execute("select id, key from offload.job where lease is not null").fetchall()
            held = len(rows)
            if held < 100:
                shop.drain()
        start = time.monotonic()
        with worker(shop.dsn):
            keys = [row[1] for row in rows]
            leases = [str(row[0]) for row in shop.db.execute("select distinct lease from offload.job where lease is not null and id = any(%s)", [[r[0] for r in rows]])]
            free = until(
                lambda: shop.one(
                    "select count(*) from offload.job where id = any(%s) and lease = any(%s::uuid[])",
                    [[row[0] for row in rows], leases]) == 0, 90, 0.1)
            until(lambda: shop.left() == 0, 60)
        lost = shop.one(
            "select count(*) from unnest(%s::text[]) k where not exists (select from offload.item i where i.key[1] = k)",
            [[key[0] for key in keys]]) + shop.left()
        return {"seconds": free or -1, "held": held, "lost": lost, "total seconds": time.monotonic() - start}

    # 7
    def copied(self):
        """Ten pairs, and the median of their ratios: what the host does to one COPY is more than what is asked for."""
        shop = self.shop("copy")
        rows, pairs = (100, 2) if self.quick else (1000, 10)
        file = self.cluster.scratch / f"copy-{rows}.tsv"
        if not file.exists():
            with open(file, "w") as out:
                for _ in range(rows):
                    out.write(base64.b64encode(os.urandom(750_000)).decode() + "\n")
            os.chmod(file, 0o644)
            shop.db.execute("create table bare (id bigint generated always as identity primary key, image text, url text)")
            for table in ("bare", "pictures"):
                shop.db.execute(f"alter table {table} alter image set storage external")
                # Else it reads what the one table got while the other is written.
                shop.db.execute(f"alter table {table} set (autovacuum_enabled = off, toast.autovacuum_enabled = off)")
            # Not counted: it makes the segments of the log, which the first of the two would pay for.
            shop.db.execute(f"copy bare (image) from '{file}'")
        temporary, times = 0, {"bare": [], "pictures": []}
        for _ in range(pairs):
            temporary += self.copy_pair(shop, file, rows, times)
        shop.db.execute("truncate bare, pictures, offload.arrival")
        over = [managed / bare - 1 for managed, bare in zip(times["pictures"], times["bare"])]
        return {
            "over": statistics.median(over), "over, least": min(over), "over, most": max(over), "temp bytes": temporary,
            "over, of the fastest": min(times["pictures"]) / min(times["bare"]) - 1, "seconds": statistics.median(times["pictures"])}

    def copy_pair(self, shop, file, rows, times):
        temporary = 0
        for table, _ in self.turn([("bare", 0), ("pictures", 1)]):
            # A TRUNCATE of a managed table queues a look at it.
            shop.db.execute("truncate bare, pictures")
            shop.db.execute("truncate offload.arrival, offload.count_entry, offload.row_entry")
            shop.db.execute("checkpoint")
            # The file system hands the truncated gigabyte back to the disk when it likes.
            os.sync()
            before = self.temporary(shop)
            start = time.monotonic()
            shop.db.execute(f"copy {table} (image) from '{file}'")
            times[table].append(time.monotonic() - start)
            temporary += self.temporary(shop) - before
            if shop.left() != (rows if table == "pictures" else 0):
                raise RuntimeError(f"{shop.left()} jobs after a COPY of {rows} rows into {table}")
        return temporary

    def temporary(self, shop):
        shop.db.execute("select pg_stat_force_next_flush()")
        return shop.one("select temp_bytes from pg_stat_database where datname = current_database()")

    # 8
    def replaced(self):
        """Rows change while a worker holds them; whoever looks meanwhile must see no URL of older bytes."""
        directory = self.cluster.scratch / "disk"
        directory.mkdir(exist_ok=True)
        os.chmod(directory, 0o777)
        shop = self.shop("replace", store=directory)
        total, rows = (500 if self.quick else 10_000), 200
        shop.db.execute("insert into pictures (image) select 'aGVsbG8=' from generate_series(1, %s)", [rows])
        rounds, stale, looks = [0], [0], [0]
        lock, stop = threading.Lock(), threading.Event()
        stale_rows = (
            "select count(*) from pictures where url is not null and strpos(url, encode(sha256(decode(image, 'base64')), 'hex')) = 0")

        def replace():
            with self.cluster.connect(shop.dsn) as db:
                while not stop.is_set():
                    changed = db.execute("""
                        update pictures set image = encode(gen_random_uuid()::text::bytea, 'base64')
                        where id in (select key[1]::bigint from offload.job where lease is not null order by random() limit 1)
                        returning 1""").rowcount
                    if changed == 0:
                        db.execute(
                            "update pictures set image = encode(gen_random_uuid()::text::bytea, 'base64') where id = 1 + random() * %s",
                            [rows - 1])
                    with lock:
                        rounds[0] += changed
                        if rounds[0] >= total:
                            stop.set()

        def look():
            with self.cluster.connect(shop.dsn) as db:
                while not stop.is_set():
                    stale[0] += db.execute(stale_rows).fetchone()[0]
                    looks[0] += 1
                    time.sleep(0.01)

        with worker(shop.dsn, "--batch", "16"):
            threads = [threading.Thread(target=one) for one in (replace, replace, replace, look)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(timeout=600)
            until(lambda: shop.left() == 0, 60)
        stale[0] += shop.one(stale_rows)
        unprocessed = shop.one("select count(*) from pictures where url is null") + shop.left()
        return {"stale": stale[0], "unprocessed": unprocessed, "rounds": rounds[0], "looks": looks[0]}

    # 9
    def outages(self):
        from outages import outages
        return outages(self)

    # 10
    def idle(self):
        """The most statements of one of two idle workers in any ten seconds, but for heartbeats and what goes with them."""
        shop = self.shop("idle")
        self.cluster.admin.execute("alter database idle set log_statement = 'all'")
        seconds = 25 if self.quick else 45
        with worker(shop.dsn), worker(shop.dsn):
            time.sleep(6)
            offset = self.cluster.log_size()
            time.sleep(seconds)
            lines = self.cluster.log_since(offset)
        self.cluster.admin.execute("alter database idle reset log_statement")
        ours = [line for line in lines if re.search(r" offload (work|listen) .*(execute|statement)", line)]
        asked = [line for line in ours if not re.search(r"heartbeat|reap\(|note_unreferenced|fold_counts|note_dropped|begin_sweeps|select array\(|mend_ids|BEGIN|COMMIT", line, re.I)]
        # A worker's sessions cannot be told from the other's: both together, halved.
        times = [time.mktime(time.strptime(line[:19], "%Y-%m-%d %H:%M:%S")) + float(line[19:23]) for line in asked]
        most = max((sum(1 for other in times if at <= other < at + 10) for at in times), default=0)
        return {"queries in 10 s a worker": most / 2, "a second a worker": len(asked) / seconds / 2, "with heartbeats": len(ours) / seconds / 2}

    # 11
    def drained(self):
        jobs = 2000 if self.quick else 20_000
        shop = self.shop("drain", rows=10_000)
        # More than the peers get: a second or so, or the start of the program would count for much of it.
        shop.requeue(100_000, 10_000)
        start = time.monotonic()
        shop.drain()
        rates = {"ours": 100_000 / (time.monotonic() - start)}
        if shop.left():
            raise RuntimeError("jobs were left")
        shop.requeue(jobs, 10_000)
        start = time.monotonic()
        while True:
            claimed = shop.db.execute("select job, lease from offload.claim(100)").fetchall()
            if not claimed:
                break
            shop.db.execute("select offload.finish(%s, %s)", [[row[0] for row in claimed], claimed[0][1]])
        rates["ours, the queue alone"] = jobs / (time.monotonic() - start)
        for peer, count in (("procrastinate", jobs // 20), ("pgqueuer", jobs // 4), ("pgmq", jobs), ("pgq", jobs)):
            with contextlib.suppress(Exception):
                self.cluster.admin.execute(f"create database {peer}")
            seconds, left = output(sys.executable, HERE_PEERS, peer, self.cluster.other(peer), count).split()[-2:]
            if int(left):
                raise RuntimeError(f"{peer} left {left} jobs")
            rates[peer] = count / float(seconds)
        rates["ratio to the best of three"] = rates["ours"] / max(rates[peer] for peer in ("procrastinate", "pgqueuer", "pgmq"))
        return rates

    # 12
    def several(self):
        jobs = 40_000 if self.quick else 100_000
        shop = self.shop("drain", rows=10_000)
        rates, doubles, least = {}, 0, 1.0
        # A worker that ends well takes its row along.
        shop.db.execute("create table if not exists ended (completed bigint)")
        shop.db.execute("""
            create or replace function note_ended() returns trigger language plpgsql security definer as $$
            begin
              insert into public.ended values (old.completed);
              return old;
            end $$""")
        shop.db.execute("create or replace trigger note_ended after delete on offload.worker for each row execute function note_ended()")
        for count in (1, 2, 4):
            shop.db.execute("delete from offload.worker")
            shop.db.execute("truncate ended")
            workers = [Worker(shop.dsn) for _ in range(count)]
            until(lambda: shop.one("select count(*) from offload.worker") == count, 20)
            # Each session compiles its functions once, and a claim of each worker begins small.
            shop.requeue(jobs // 5, 10_000, ring=True)
            until(lambda: shop.left() == 0, 120, 0.01)
            shop.requeue(jobs, 10_000, ring=True)
            start = time.monotonic()
            until(lambda: shop.left() == 0, 120, 0.01)
            rates[f"{count} workers/s"] = jobs / (time.monotonic() - start)
            for one in workers:
                one.stop()
            done = [row[0] for row in shop.db.execute("select completed from ended")]
            doubles += max(0, sum(done) - jobs - jobs // 5)
            least = min(least, min(done) / (sum(done) / count)) if len(done) == count else 0
        return {**rates, "done twice": doubles, "least share": least,
            "least of 2 and 4 to 1": min(rates["2 workers/s"], rates["4 workers/s"]) / rates["1 workers/s"]}
