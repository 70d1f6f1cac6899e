"""Random histories of settings, outages and statements, checked after each step."""

import random
import time

from checks import Failure, expect
from ground import Refused, picture, shape
from model import Settings, Value, check_answer, check_rest, read, written

CHAINS = (("first",), ("second",), ("first", "second"), ("second", "first"))


class History:
    """One table with a column of some type, and what the application did to it."""

    def __init__(self, shop, seed):
        self.shop, self.seed, self.random = shop, seed, random.Random(seed)
        self.rows, self.next_row, self.pictures = {}, 1, 0
        self.down, self.steps = set(), []
        self.settings = Settings("s3_primary", type=self.random.choice(("text", "bytea", "text[]", "bytea[]")),
                                 kind=self.random.choices(("image", "file"), (4, 1))[0])
        shop.session.run(f"""
            create table things (id int primary key, media {self.settings.type}, name text);
            select offload.attach('things', 'media', url_column => 'url', kind => '{self.settings.kind}',
              strategy => 's3_primary', stores => '{{first,second}}', threshold => 4000, source_policy => 'keep',
              originals => 'discard', grace => '0')""")
        shop.check_stores()

    def say(self, step):
        self.steps.append(step)

    def value(self):
        self.pictures += 1
        number = self.random.randrange(25) * 80 + self.pictures % 80
        prefix = ""
        if self.settings.kind == "file":
            source = b"%PDF-1.7 " + self.random.randbytes(self.random.choice((900, 3991, 3992, 9000)))
        else:
            # Shapes are unique in a history as long as it has fewer than 80 pictures.
            source = picture(*shape(number))
        if self.settings.type.startswith("text") and self.random.random() < 0.5:
            prefix = "data:image/png;base64," if self.settings.kind == "image" else "data:application/pdf;base64,"
        return Value(source, shape(number) if self.settings.kind == "image" else (), prefix)

    def cells(self):
        if not self.settings.is_array:
            return [self.value()]
        return [self.value() if self.random.random() < 0.8 else None for _ in range(self.random.randint(1, 3))]

    def sql(self, values):
        texts = ["null" if value is None else written(value, self.settings.type) for value in values]
        return f"array[{','.join(texts)}]::{self.settings.type}" if self.settings.is_array else texts[0]

    # What an application does

    def insert(self):
        values = self.cells()
        self.shop.session.run(f"insert into things (id, media) values ({self.next_row}, {self.sql(values)})")
        self.rows[self.next_row] = values
        self.say(f"insert {self.next_row} ({[v and len(v.source) for v in values]})")
        self.next_row += 1

    def update(self):
        if self.rows:
            row = self.random.choice(list(self.rows))
            self.rows[row] = values = self.cells()
            self.shop.session.run(f"update things set media = {self.sql(values)} where id = {row}")
            self.say(f"update {row}")

    def save_whole(self):
        """An ORM saves all columns, with a URL that may be stale."""
        if self.rows:
            row = self.random.choice(list(self.rows))
            self.shop.session.run(
                f"update things set name = 'saved', media = media, url = case when media is null then url end where id = {row}")
            self.say(f"save {row} whole")

    def change_key(self):
        if self.rows:
            row = self.random.choice(list(self.rows))
            self.shop.session.run(f"update things set id = {self.next_row} where id = {row}")
            values = self.rows.pop(row)
            for value in values:
                # What stands there now is all that a row of this key ever had.
                if value:
                    value.pinned, value.store = False, None
                    value.archived = None if value.archived else value.archived
            self.rows[self.next_row] = values
            self.say(f"key {row} becomes {self.next_row}")
            self.next_row += 1

    def delete(self):
        if self.rows:
            row = self.random.choice(list(self.rows))
            self.shop.session.run(f"delete from things where id = {row}")
            del self.rows[row]
            self.say(f"delete {row}")

    def copy(self):
        """Equal bytes in another row."""
        whole = [row for row, values in self.rows.items() if all(v is None or v.holds == "source" for v in values)]
        if whole:
            row = self.random.choice(whole)
            values = [v and Value(v.source, v.shape, v.prefix) for v in self.rows[row]]
            self.shop.session.run(f"insert into things (id, media) values ({self.next_row}, {self.sql(values)})")
            self.rows[self.next_row] = values
            self.say(f"copy {row} to {self.next_row}")
            self.next_row += 1

    # What an operator does

    def configure(self):
        pick = self.random
        new = Settings(
            pick.choice(("local_primary", "s3_primary", "hybrid", "redundant")), pick.choice(CHAINS),
            pick.choice(("row", "disk")), pick.choice((0, 2500, 4000, 100000)), pick.choice(("keep", "replace", "clear")),
            pick.choice(("archive", "discard")), self.settings.kind, self.settings.type)
        # There is no way back from a directory to the row but by the store of kind database.
        local = "in_row" if new.local == "row" else "disk"
        try:
            self.shop.session.run(f"""
                select offload.configure('things', 'media', strategy => '{new.strategy}',
                  stores => '{{{",".join(new.stores)}}}', local_store => '{local}', threshold => {new.threshold},
                  source_policy => '{new.policy}', originals => '{new.originals}')""")
        except Refused as refused:
            expect(refused.state == new.refusal(), f"{new} was refused: {refused}")
            self.say(f"refused: {new}")
            return
        expect(new.refusal() is None, f"{new} was not refused")
        self.settings = new
        for values in self.rows.values():
            for value in values:
                if value:
                    value.pinned, value.store = False, None
        self.say(f"configure {new}")

    def restore(self):
        self.shop.session.run("select offload.restore_original('things', 'media')")
        for values in self.rows.values():
            for value in values:
                if value and value.archived is not False and value.pinned is not True:
                    value.pinned = value.archived
        self.say("restore the originals")

    def prefer(self):
        self.rest()
        self.shop.session.run("select offload.prefer('things', 'media')")
        self.say("prefer the first store")
        for values in self.rows.values():
            for value in values:
                if value and self.settings.wants_remote(len(value.source)):
                    value.store = self.settings.stores[0]
        self.rest()

    def outage(self):
        stores = {"first", "second", "disk"} - self.down
        if stores:
            store = self.random.choice(sorted(stores))
            self.shop.take_down(store)
            self.down.add(store)
            self.say(f"{store} goes down")

    def end_outage(self):
        if self.down:
            store = self.random.choice(sorted(self.down))
            self.shop.bring_back(store)
            self.down.discard(store)
            self.say(f"{store} comes back")

    # The worker, and what must hold

    def work(self):
        self.say("work")
        self.shop.work()
        self.observe()

    def rest(self):
        """Every store is up, and nothing is left to do."""
        while self.down:
            self.end_outage()
        self.say("rest")
        self.shop.settle()
        # Of what hangs on an outage, what came of it.
        self.observe(lambda value: value.pinned is None)
        for values in self.rows.values():
            for value in values:
                if value:
                    value.settle(self.settings)
        self.check(at_rest=True)
        versions, uploads = self.versions(), self.shop.uploads
        # Every row is looked at again.
        self.shop.session.run("select offload.configure('things', 'media')")
        self.shop.settle()
        expect(self.shop.uploads == uploads, f"a second pass uploads {self.shop.uploads - uploads} objects")
        expect(self.versions() == versions, "a second pass writes rows")

    def observe(self, which=lambda value: True):
        for row in self.shop.session.rows("select id, media from things"):
            cells = row["media"] if self.settings.is_array else [row["media"]]
            for value, cell in zip(self.rows[row["id"]], cells, strict=True):
                if value and which(value):
                    value.observe(self.settings, read(value, cell, self.settings.type))

    def versions(self):
        return self.shop.session.rows("select id, xmin::text, ctid::text from things order by id")

    def check(self, at_rest=False):
        found = self.shop.session.rows("select * from things_media order by id")
        expect([row["id"] for row in found] == sorted(self.rows), "other rows than the application's")
        held = {store: self.shop.hashes(store) for store in ("first", "second", "disk")} if at_rest else {}
        for row in found:
            values = self.rows[row["id"]]
            is_array = self.settings.is_array
            cells, urls, answers = (row[k] if is_array else [row[k]] for k in ("media", "url", "media_url"))
            urls = urls or [None] * len(values)
            for n, (value, cell, url, answer) in enumerate(zip(values, cells, urls, answers, strict=True)):
                where = f"row {row['id']} element {n + 1}" if is_array else f"row {row['id']}"
                if value is None:
                    expect((cell, url, answer) == (None, None, None), f"{where}: a null became something")
                    continue
                check_answer(self.shop, value, self.settings, cell, url, answer, where)
                if at_rest:
                    check_rest(self.shop, value, self.settings, cell, url, held, where)

    STEPS = ((insert, 8), (update, 4), (save_whole, 2), (change_key, 1), (delete, 2), (copy, 2), (configure, 4),
             (restore, 1), (prefer, 1), (outage, 2), (end_outage, 2), (work, 6), (rest, 4))

    def play(self, length):
        steps, weights = zip(*self.STEPS)
        for _ in range(length):
            if len(self.rows) < 12 and self.pictures < 70:
                step = self.random.choices(steps, weights)[0]
            else:
                step = self.random.choice((History.delete, History.rest, History.configure, History.work))
            step(self)
            self.check()
        self.rest()


def play(ground, seed, length=24):
    with ground.shop() as shop:
        history = None
        try:
            shop.session.run("select offload.add_store('in_row', 'database')")
            history = History(shop, seed)
            history.play(length)
        except Exception as failure:
            steps = "\n".join(history.steps[-30:]) if history else ""
            raise Failure(f"{type(failure).__name__}: {failure}\nafter:\n{steps}\n{shop.log[-1500:]}") from failure
        finally:
            for store in history.down if history else ():
                shop.bring_back(store)
        return history


def run(ground, seconds, seed, report):
    end = time.monotonic() + seconds
    seeds = [seed] if seed is not None else range(int(time.time()) % 1_000_000, 2_000_000)
    steps = 0
    for number in seeds:
        if seed is None and time.monotonic() > end:
            break
        fault = None
        try:
            history = play(ground, number)
            steps += len(history.steps)
        except Failure as failure:
            fault = f"{failure}\nagain: Tests/Strategies/run --seed {number}"
        report(f"history {number}: wanted is actual at rest, and a second pass does nothing", fault)
    print(f"-- {steps} steps", flush=True)
