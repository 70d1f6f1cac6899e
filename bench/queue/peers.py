"""Jobs that do nothing, drained by one worker of each peer, in the form that its documents recommend for throughput.

    peers.py NAME DSN JOBS      fills the queue, drains it, prints the seconds of the draining
"""

import asyncio
import datetime
import importlib.resources
import sys
import time

import psycopg


async def procrastinate(dsn, jobs):
    import procrastinate as library

    app = library.App(connector=library.PsycopgConnector(conninfo=dsn))

    @app.task(name="nothing")
    async def nothing(n):
        pass

    async with app.open_async():
        if not (await app.connector.execute_query_one_async(
                "select to_regclass('procrastinate_jobs') is not null as is_there"))["is_there"]:
            await app.schema_manager.apply_schema_async()
        for first in range(0, jobs, 1000):
            await nothing.batch_defer_async(*({"n": n} for n in range(first, min(first + 1000, jobs))))
        start = time.perf_counter()
        await app.run_worker_async(wait=False, concurrency=20, install_signal_handlers=False, delete_jobs="always")
        seconds = time.perf_counter() - start
        left = (await app.connector.execute_query_one_async("select count(*) as n from procrastinate_jobs"))["n"]
    return seconds, left


async def pgqueuer(dsn, jobs):
    import asyncpg
    from pgqueuer import PgQueuer, Queries
    from pgqueuer.types import QueueExecutionMode

    connection = await asyncpg.connect(dsn)
    queries = Queries.from_asyncpg_connection(connection)
    if not await queries.schema_is_installed():
        await queries.install()
    for first in range(0, jobs, 1000):
        count = min(1000, jobs - first)
        await queries.enqueue(["nothing"] * count, [None] * count, [0] * count)
    worker = PgQueuer.from_asyncpg_connection(connection)

    @worker.entrypoint("nothing")
    async def nothing(job):
        pass

    start = time.perf_counter()
    await worker.run(
        batch_size=100, dequeue_timeout=datetime.timedelta(seconds=1), mode=QueueExecutionMode.drain)
    seconds = time.perf_counter() - start
    left = await connection.fetchval("select count(*) from pgqueuer")
    await connection.close()
    return seconds, left


async def pgmq(dsn, jobs):
    with psycopg.connect(dsn, autocommit=True) as connection:
        if not connection.execute("select to_regnamespace('pgmq') is not null").fetchone()[0]:
            connection.execute(importlib.resources.files("pgmq").joinpath("sql/pgmq.sql").read_text())
            connection.execute("select pgmq.create('nothing')")
        connection.execute(
            "select count(*) from pgmq.send_batch('nothing', array(select '{}'::jsonb from generate_series(1, %s)))", [jobs])
        start = time.perf_counter()
        while True:
            # A hundred at a time, deleted together: the library's read_batch and delete_batch.
            messages = connection.execute("select msg_id from pgmq.read('nothing', 30, 100)").fetchall()
            if not messages:
                break
            connection.execute("select count(*) from pgmq.delete('nothing', %s::bigint[])", [[row[0] for row in messages]])
        seconds = time.perf_counter() - start
        return seconds, connection.execute("select queue_length from pgmq.metrics('nothing')").fetchone()[0]


async def pgq(dsn, jobs):
    with psycopg.connect(dsn, autocommit=True) as connection:
        if not connection.execute("select exists (select from pg_extension where extname = 'pgq')").fetchone()[0]:
            connection.execute("create extension pgq")
            connection.execute("select pgq.create_queue('nothing')")
            connection.execute("select pgq.register_consumer('nothing', 'bench')")
            connection.execute("select pgq.set_queue_config('nothing', 'ticker_max_count', '500')")
        # A tick for each 500 events, as pgqd would make them.
        for first in range(0, jobs, 500):
            connection.execute(
                "select count(pgq.insert_event('nothing', 'n', n::text)) from generate_series(1, %s) n", [min(500, jobs - first)])
            connection.execute("select pgq.force_tick('nothing'); select pgq.ticker('nothing')")
        start = time.perf_counter()
        seen = 0
        while True:
            batch = connection.execute("select pgq.next_batch('nothing', 'bench')").fetchone()[0]
            if batch is None:
                break
            seen += len(connection.execute("select ev_id from pgq.get_batch_events(%s)", [batch]).fetchall())
            connection.execute("select pgq.finish_batch(%s)", [batch])
        return time.perf_counter() - start, jobs - seen


if __name__ == "__main__":
    seconds, left = asyncio.run(globals()[sys.argv[1]](sys.argv[2], int(sys.argv[3])))
    print(f"{seconds:.4f} {left}")
