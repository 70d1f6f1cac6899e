"""What a running worker makes of tables that change under it."""

from checks import check, equal, expect, until
from ground import png


@check("a worker that row security blinds says so, completes nothing, and goes on once it sees")
def blinded(ground):
    server = ground.server()
    name = server.database()
    server.sql(name, """
        create role blind_owner; grant create on schema public to blind_owner;
        create table secrets (id int primary key, image text, at text);
        alter table secrets owner to blind_owner;
        select offload.attach('secrets', 'image', url_column => 'at', local_store => 'disk');
        alter table secrets enable row level security, force row level security""")
    server.sql(name, f"insert into secrets values (1, '{png(1)}')")
    worker = ground.worker(server.at(name))
    worker.until_said("not_readable")
    expect("row-level security" in worker.said(), worker.said())
    equal(server.sql(name, "select count(*) filter (where died_at is null), (select count(*) from offload.item) from offload.job"),
          "1|0", "jobs and items")
    equal(server.sql(name, "select image is null, at is null from secrets"), "f|t", "the row")
    expect("no force row level security" in ground.run("doctor", "--database", server.at(name)), "doctor does not say so")
    server.insert(name, 1)
    until(lambda: server.offloaded(name) == 1, lambda: f"the other table's row\n{worker.said()}")
    server.sql(name, "alter table secrets no force row level security; select offload.retry(); update offload.job set ready_at = now(); notify offload")
    until(lambda: server.sql(name, "select count(at) from secrets") == "1", lambda: f"the row\n{worker.said()}")
    server.sql(name, "drop owned by blind_owner cascade; drop role blind_owner")


@check("a dropped table and a dropped column are marked, the worker goes on, and doctor says so")
def dropped(ground):
    server = ground.server()
    name = server.database()
    server.sql(name, """
        create table gone (id int primary key, image text);
        create table narrower (id int primary key, image text, plan bytea);
        select offload.attach('gone', 'image', local_store => 'disk');
        select offload.attach('narrower', 'image', local_store => 'disk');
        select offload.attach('narrower', 'plan', kind => 'file', local_store => 'disk')""")
    server.sql(name, f"insert into gone values (0, '{png(3)}')")
    ground.run("work", "--until-empty", "--database", server.at(name))
    # Waiting jobs, too.
    server.sql(name, f"""
        insert into gone select n, '{png(1)}' from generate_series(1, 20) n;
        insert into narrower values (1, '{png(2)}', '\\x00')""")
    server.sql(name, "drop table gone cascade; alter table narrower drop column plan cascade")
    server.insert(name, 1)
    worker = ground.worker(server.at(name))
    until(lambda: server.offloaded(name) == 1, lambda: f"the other table's row\n{worker.said()}")
    until(lambda: server.sql(name, "select count(*) from offload.managed_column where dropped_at is not null") == "2",
          lambda: f"both marked\n{worker.said()}")
    equal(server.sql(name, "select count(*) from offload.arrival j join offload.managed_table t on t.id = j.managed_table where t.relation_name = 'public.gone'"),
          "0", "jobs of the dropped table")
    said = ground.fails("doctor", "--database", server.at(name))
    expect("gone" in said and "offload.release_detached(" in said, said)
    expect("narrower" in said and "plan" in said and "offload.refresh('narrower')" in said, said)
    server.sql(name, f"update products set image = '{png(9)}' where id = 1")
    until(lambda: server.offloaded(name) == 1, "the row's URL")
    server.sql(name, "alter table products alter column image_url_at set not null")
    said = ground.fails("doctor", "--database", server.at(name))
    expect("alter column image_url_at drop not null" in said, said)
    server.sql(name, "alter table products alter column image_url_at drop not null")
    oid = server.sql(name, "select relation::oid from offload.managed_table where relation_name = 'public.gone'")
    equal(server.sql(name, f"select offload.release_detached({oid}::regclass, 'image')"), "1", "what doctor's statement lets go")
    server.sql(name, f"select offload.refresh('narrower'); insert into narrower values (2, '{png(3)}')")
    until(lambda: server.sql(name, "select count(image_remote_url) from narrower") == "2", lambda: f"the rest of the table\n{worker.said()}")
    said = ground.run("doctor", "--database", server.at(name))
    expect("narrower" in said and "plan" in said, said)
    expect(worker.process.poll() is None, "the worker ended")


@check("an open TRUNCATE, or any lock, puts a table's rows off quietly, and holds up no other table")
def locked(ground):
    import subprocess
    server = ground.server()
    name = server.database()
    server.sql(name, "create table others (id int primary key, image text); select offload.attach('others', 'image', local_store => 'disk')")
    worker = ground.worker(server.at(name))
    worker.until_said("connected to")
    holder = subprocess.Popen([ground.bindir / "psql", "-XAtq", "-d", server.at(name)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    ground.others.append(holder)
    server.insert(name, 1, 2)
    until(lambda: server.offloaded(name) == 2, "two rows")
    server.sql(name, f"update products set image = '{png(3)}' where id = 1; insert into others values (0, '{png(0)}')")
    holder.stdin.write("begin; truncate products;\n\\echo held\n")
    holder.stdin.flush()
    equal(holder.stdout.readline(), "held\n", "the lock")
    server.sql(name, "insert into offload.arrival (managed_table, key) values (1, '{1}'), (1, '{2}')")
    server.sql(name, f"insert into others values (1, '{png(4)}')")
    until(lambda: server.sql(name, "select count(image_remote_url) from others") == "2", lambda: f"the other table\n{worker.said()}")
    worker.until_said("locked by somebody, and put off table=products")
    holder.stdin.write("rollback;\n\\echo free\n")
    holder.stdin.flush()
    equal(holder.stdout.readline(), "free\n", "the rollback")
    until(lambda: server.offloaded(name) == 2 and server.sql(name, "select count(*) from offload.arrival") == "0", worker.said)
    equal(server.sql(name, "select count(*) from offload.failures"), "0", "failures")
    moments = [line[:20] for line in worker.said().splitlines() if " warning:" in line]
    expect(len(moments) == len(set(moments)), f"more than a line a second\n{worker.said()[-2000:]}")


@check("a partition that is attached with data, and rows that no trigger saw, are found by the worker's own sweep")
def swept(ground):
    server = ground.server()
    name = server.database()
    server.sql(name, f"""
        create table events (id int, day date, image text, at text, primary key (id, day)) partition by range (day);
        select offload.attach('events', 'image', url_column => 'at', local_store => 'disk');
        create table events_1 (like events including all);
        insert into events_1 values (1, '2026-01-01', '{png(1)}');
        alter table events attach partition events_1 for values from ('2026-01-01') to ('2026-02-01');
        set session_replication_role = replica;
        insert into products (id, image) values (1, '{png(2)}');
        insert into offload.setting (name, value) values ('sweep_every', '1 second')""")
    worker = ground.worker(server.at(name))
    until(lambda: server.offloaded(name) == 1 and server.sql(name, "select count(at) from events") == "1",
          lambda: f"both rows\n{worker.said()}")
    status = ground.run("status", "--database", server.at(name))
    expect("sweeping" in status or "complete" in status, status)
