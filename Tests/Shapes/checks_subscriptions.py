"""A logical subscriber and its publisher, each with pg_offload and workers of its own."""

from checks import check, equal, expect, until


def subscribe(publisher, source, subscriber, target, what):
    publisher.sql(source, f"create publication p_{source} for {what}")
    subscriber.sql(target, f"create subscription s_{target} connection '{publisher.dsn('dbname=' + source)}' publication p_{source}")


def unsubscribe(subscriber, target):
    """A slot outlives a subscription that is not dropped, and keeps its server from dropping the database."""
    subscriber.sql(target, f"drop subscription if exists s_{target}")


def arrived(subscriber, target, count):
    until(lambda: subscriber.sql(target, "select count(*) from products") == str(count), f"{count} rows at the subscriber")


@check("a subscriber leaves the publisher's rows alone, does its own, and takes all over when it is asked to")
def subscriber(ground):
    publisher, other = ground.server(), ground.server("other")
    source = publisher.database()
    target = other.database(shop=False)
    publisher.insert(source, 1, 2)
    other.sql(target, "create table products (id int primary key, name text, image text, image_url_at text)")
    subscribe(publisher, source, other, target, "table products")
    try:
        arrived(other, target, 2)
        other.sql(target, f"select offload.add_store('disk', 'directory', path => '{ground.directory(target)}', "
                          f"public_url => 'http://pictures.test/{target}')")
        said = other.ground.refused(other.at(target), """
            set client_min_messages = notice;
            select offload.attach('products', 'image', url_column => 'image_url_at', local_store => 'disk');
            select 1/0""")
        expect("fed by a subscription" in said and "offload.sweep(" in said, said)
        other.sql(target, "select offload.attach('products', 'image', url_column => 'image_url_at', local_store => 'disk')")
        # A sweep that comes before the item of a new row queues that row once more: which rows, and not how many jobs.
        other.sql(target, """
            create table queued (key text);
            create function note_job() returns trigger language plpgsql as $$
            begin insert into public.queued values (coalesce(new.key::text, 'all')); return null; end $$;
            create trigger note_job after insert on offload.arrival for each row execute function note_job()""")
        workers = [ground.worker(publisher.at(source)), ground.worker(other.at(target))]
        other.sql(target, "insert into offload.setting (name, value) values ('sweep_every', '1 second')")
        publisher.insert(source, 3)
        until(lambda: publisher.offloaded(source) == 3, lambda: workers[0].said())
        arrived(other, target, 3)
        until(lambda: other.offloaded(target) == 3, "the publisher's URLs")
        other.insert(target, 100)
        until(lambda: other.offloaded(target) == 4, lambda: f"the subscriber's own row\n{workers[1].said()}")
        equal(other.sql(target, "select key, (select string_agg(distinct key, ' ') from queued) from offload.item"),
              "{100}|{100}", "items and jobs that the subscriber ever had")
        equal(other.sql(target, f"select count(*) from products where image_url_at like 'http://pictures.test/{source}/%'"), "3",
              "the publisher's URLs")
        equal(publisher.sql(source, "select count(*) from offload.item"), "3", "items of the publisher")
        equal(len(ground.files(target)), 1, "files of the subscriber")
        equal(other.sql(target, "select image_source from products_media where id = 3"), "foreign", "the view at the subscriber")
        # The end of an upgrade by replication: the subscriber takes over.
        unsubscribe(other, target)
        other.sql(target, "select offload.sweep('products')")
        until(lambda: other.sql(target, "select state from offload.backfill") == "complete", lambda: workers[1].said())
        equal(other.sql(target, "select total, with_s3 from offload.storage_stats"), "4|4", "the counts")
    finally:
        unsubscribe(other, target)


@check("a worker whose queue itself is a subscription's says so and leaves it to the publisher's workers")
def mirror(ground):
    publisher, other = ground.server(), ground.server("other")
    source, target = publisher.database(), other.database()
    publisher.insert(source, 1)
    other.sql(target, "select offload.detach('products', 'image'); truncate offload.managed_table cascade; truncate offload.store cascade; truncate offload.migration")
    subscribe(publisher, source, other, target, "all tables")
    try:
        arrived(other, target, 1)
        until(lambda: other.sql(target, "select count(*) > 0 from offload.migration") == "t", "the ledger")
        worker = ground.worker(other.at(target))
        worker.until_said("a subscription brings the queue itself")
        expect("publication" in ground.fails("work", "--until-empty", "--database", other.at(target)), "no hint")
        equal(len(ground.files(target)) + len(ground.files(source)), 0, "files")
    finally:
        unsubscribe(other, target)
    worker.until_said("connected to")
