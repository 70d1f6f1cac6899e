"""The recipes of docs/operations.md, run as they stand there."""

import re

from checks import PROJECT, check, equal, expect
from ground import png

SECTION = re.search(r"^## DDL while attached\n(.*?)(?=^## )", (PROJECT / "docs/operations.md").read_text(), re.M | re.S).group(1)
RECIPES = [
    (heading, sql)
    for heading, text in re.findall(r"^### (.*?)\n(.*?)(?=^### |\Z)", SECTION, re.M | re.S)
    for sql in re.findall(r"^```sql\n(.*?)^```", text, re.M | re.S)]


def prepared(ground, server):
    """The tables of the recipes, with rows that are offloaded, and rights on a view."""
    name = server.database(shop=False)
    server.sql(name, f"""
        create table products (id int primary key, name text, image text, image_s3_url text);
        create table events (id int, day date, image text, image_s3_url text, primary key (id, day)) partition by range (day);
        create table events_0 partition of events for values from ('2025-12-01') to ('2026-01-01');
        create table events_1 partition of events for values from ('2026-01-01') to ('2026-02-01');
        create table events_2 (like events including all);
        insert into events_2 values (3, '2026-02-03', '{png(3)}');
        select offload.add_store('disk', 'directory', path => '{ground.directory(name)}', public_url => 'http://pictures.test/{name}');
        select offload.attach('products', 'image', url_column => 'image_s3_url', local_store => 'disk');
        select offload.attach('events', 'image', url_column => 'image_s3_url', local_store => 'disk');
        insert into products values (1, 'chair', '{png(1)}'), (2, 'table', '{png(2)}');
        insert into events values (1, '2026-01-01', '{png(1)}'), (4, '2026-01-04', '{png(4)}');
        grant select on products_media to pg_monitor""")
    ground.run("work", "--until-empty", "--database", server.at(name))
    return name


def insert_into_each(server, name):
    """A row more in each managed column, whatever its names and types are now."""
    columns = server.sql(name, """
        select t.relation, t.key_columns[1], t.key_types[1], c.column_name, c.column_type,
          exists (select from pg_attribute a where a.attrelid = t.relation and a.attname = 'day' and not a.attisdropped)
        from offload.managed_column c join offload.managed_table t on t.id = c.managed_table
        where c.detached_at is null""")
    for line in columns.splitlines():
        relation, key, key_type, column, column_type, has_day = line.split("|")
        value = f"decode('{png(77)}', 'base64')" if column_type == "bytea" else f"'{png(77)}'"
        key_value = "gen_random_uuid()" if key_type == "uuid" else "77"
        more = (", day", ", '2025-12-09'") if has_day == "t" else ("", "")
        if key_type == "uuid":
            more = (", id", ", 77")
        server.sql(name, f"insert into {relation} ({key}, {column}{more[0]}) values ({key_value}, {value}{more[1]})")


@check("each recipe for DDL in docs/operations.md does what it says, and loses nothing")
def recipes(ground):
    expect(len(RECIPES) >= 11, f"only {len(RECIPES)} recipes were found")
    server = ground.server()
    for heading, text in RECIPES:
        name = prepared(ground, server)
        files = len(ground.files(name))
        # Each statement by itself, as a person or a migration would send it.
        ground.run_script(server.at(name), text)
        ends = "drop" in heading.lower()[:4]
        if not ends:
            insert_into_each(server, name)
        ground.run("work", "--until-empty", "--database", server.at(name))
        wrong = f"{heading}\n{text}"
        equal(server.sql(name, "select count(*) from offload.failures"), "0", f"failures after: {wrong}")
        equal(server.sql(name, "select count(*) from offload.arrival"), "0", f"jobs after: {wrong}")
        views = server.sql(name, """
            select relation::regclass || '|' || view_name || '|' || c.column_name from offload.managed_table t
            join offload.managed_column c on c.managed_table = t.id
            where t.detached_at is null and c.detached_at is null""").splitlines()
        equal(len(views) >= (1 if ends else 2), True, f"managed tables after: {wrong}")
        for line in views:
            relation, view, column = line.split("|")
            schema = relation.rpartition(".")[0]
            equal(server.sql(name, f"""select count(*) from {schema + '.' if schema else ''}{view}
                where {column}_url not like 'http://pictures.test/{name}/%' or {column}_url is null"""), "0",
                f"rows of {view} without their URL after: {wrong}")
            equal(server.sql(name, f"select count(*) from offload.storage_stats where relation = '{relation}'::regclass and total = (select count(*) from {relation})"),
                  "1", f"the counts after: {wrong}")
        if not ends:
            equal(server.sql(name, "select has_table_privilege('pg_monitor', 'products_media', 'select')"), "t", f"rights after: {wrong}")
        expect("FAIL" not in ground.run("doctor", "--database", server.at(name)), wrong)
        equal(server.sql(name, "select count(*) from offload.object where unreferenced_since is not null"), "0", f"objects after: {wrong}")
        expect(len(ground.files(name)) <= files + 2, f"files that were sent again after: {wrong}")


@check("what the recipes are for is refused, or needs them, without them")
def refused(ground):
    server = ground.server()
    name = prepared(ground, server)
    alterations = re.findall(r"alter table products (?:alter column|drop column).*?;", SECTION, re.S)
    expect(len(alterations) >= 5, f"only {len(alterations)} statements were found")
    for statement in alterations:
        said = ground.refused(server.at(name), statement)
        expect("zz_offload" in said or "products_media" in said, f"refused for another reason: {statement}\n{said}")
