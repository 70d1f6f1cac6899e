"""Tables of MySQL and SQLite, brought over by pgloader and offloaded, by the very lines of docs/migrating.md."""

import hashlib
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import time

from checks import check, equal, expect, free_port
from ground import base64_text, documented, fetched, is_webp, png

HEADING = "MySQL and SQLite"
ROWS = [(n, f"part {n}", png(n + 1) if n != 3 else None, base64_text(png(n + 20)) if n != 4 else None) for n in range(1, 6)]
# What MySQL's older habits leave in text: a data URI and line breaks.
ROWS[0] = ROWS[0][:3] + ("data:image/png;base64," + ROWS[0][3],)
ROWS[1] = ROWS[1][:3] + ("\n".join(ROWS[1][3][i:i + 76] for i in range(0, len(ROWS[1][3]), 76)),)


class MariaDB:
    """A private server with one table, on a free port, run by an account without rights."""

    def __init__(self, place):
        self.home, as_account = place.owned("mariadb")
        self.port = free_port()
        self.seed = "\n".join([
            "create database shop character set utf8mb4;",
            "create user shop@'127.0.0.1' identified via mysql_native_password using password('made-up');",
            "grant all on shop.* to shop@'127.0.0.1';",
            "create table shop.parts (id int unsigned not null auto_increment primary key, name varchar(80) not null, "
            "image longblob, picture longtext);",
        ] + [
            f"insert into shop.parts values ({n}, '{name}', {'null' if image is None else '0x' + image.hex()}, "
            + ("null" if text is None else "'" + text.replace("\n", "\\n") + "'") + ");"
            for n, name, image, text in ROWS
        ]) + "\n"
        data = self.home / "data"
        subprocess.run(
            [*as_account, "mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db",
             "--auth-root-authentication-method=normal"],
            check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        self.log = self.home / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*as_account, "/usr/sbin/mariadbd", "--no-defaults", f"--datadir={data}", f"--port={self.port}",
                 "--bind-address=127.0.0.1", f"--socket={self.home}/socket", f"--pid-file={self.home}/pid"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

    def __enter__(self):
        try:
            self.fill()
        except BaseException:
            self.__exit__()
            raise
        return self

    def fill(self):
        client = ["mariadb", "--no-defaults", "-u", "root", f"--socket={self.home}/socket"]
        end = time.monotonic() + 60
        while subprocess.run([*client, "-e", "select 1"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, check=False).returncode != 0:
            expect(self.process.poll() is None and time.monotonic() < end,
                   "mariadbd did not start: " + self.log.read_text()[-1500:])
            time.sleep(0.05)
        subprocess.run(client, input=self.seed, text=True, check=True)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def migrate(place, number, source, relation):
    """Run the n-th recipe of the document on a database of our own."""
    recipes = documented("docs/migrating.md", HEADING, "sh")
    expect(len(recipes) == 2, f"docs/migrating.md has {len(recipes)} recipes, and not one for each")
    recipe = recipes[number]
    database = place.database()
    media = place.directory(f"media-{database}")
    replaced = {
        r"(mysql|sqlite)://\S+": source, r"postgresql://\S+": place.url(database), r"'/srv/media'": f"'{media}'"}
    for shown, ours in replaced.items():
        expect(re.search(shown, recipe), f"the recipe has no {shown}:\n{recipe}")
        recipe = re.sub(shown, lambda _, ours=ours: ours, recipe)
    home = place.directory("home")
    ran = subprocess.run(
        # pgloader's own directory is one place for all accounts, unless it is named.
        ["bash", "-euo", "pipefail", "-c", f'pgloader() {{ command pgloader --root-dir "$HOME/pgloader" "$@"; }}\n{recipe}'],
        cwd=home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False, timeout=180,
        env={"HOME": str(home), "LC_ALL": "C.UTF-8", "PATH": f"{place.root}:{os.environ['PATH']}"})
    expect(ran.returncode == 0, f"status {ran.returncode} of:\n{recipe}\n{ran.stdout[-3000:]}")

    equal(place.psql(database, f"select format_type(a.atttypid, null) from pg_attribute a "
                               f"where attrelid = '{relation}'::regclass and attname in ('image', 'picture') order by attname"),
          "bytea\ntext", "the types that the columns have now")
    equal(place.psql(database, f"select id, name, encode(sha256(image), 'hex'), encode(sha256(picture::bytea), 'hex') "
                               f"from {relation} order by id"),
          "\n".join("|".join([str(n), name, digest(image), digest(text and text.encode())]) for n, name, image, text in ROWS),
          f"what the rows hold after {ran.stdout[-3000:]}")
    found = place.psql(
        database, f"select image_remote_url from {relation} where image is not null union all "
                  f"select picture_remote_url from {relation} where picture is not null").split()
    equal(len(found), 8, f"URLs of 8 pictures; {ran.stdout[-600:]}\n{place.psql(database, 'select * from offload.failures')}")
    for url in found:
        expect(is_webp(fetched(url)), f"{url} does not open")
        expect(pathlib.Path(url.removeprefix("file://")).is_relative_to(media), f"{url} lies elsewhere")
    # … and what the application writes from now on goes the same way.
    place.psql(database, f"insert into {relation} (name, image) values ('late', '\\x{png(40).hex()}')", "shop")
    place.work(database)
    expect(is_webp(fetched(place.psql(database, f"select image_remote_url from {relation} where name = 'late'"))),
           "a row that was written after the migration was not offloaded")


def digest(data):
    return "" if data is None else hashlib.sha256(data).hexdigest()


@check("a table of MySQL is brought over by pgloader and offloaded, as docs/migrating.md says")
def mysql(place):
    with MariaDB(place) as server:
        migrate(place, 0, f"mysql://shop:made-up@127.0.0.1:{server.port}/shop", "shop.parts")


@check("a table of SQLite is brought over by pgloader and offloaded, as docs/migrating.md says")
def sqlite(place):
    file = place.root / "shop.db"
    with sqlite3.connect(file) as database:
        database.execute(
            "create table parts (id integer primary key autoincrement, name text not null, image blob, picture text)")
        database.executemany("insert into parts values (?, ?, ?, ?)", ROWS)
    database.close()
    migrate(place, 1, f"sqlite://{file}", "parts")
