"""Every cell of strategy × source policy × column type × kind × local store × (store up, down, back)."""

import itertools

from checks import expect
from ground import Refused, picture, shape
from model import Settings, Value, check_answer, check_rest, read, written

STRATEGIES = ("local_primary", "s3_primary", "hybrid", "redundant")
POLICIES = ("keep", "replace", "clear")
TYPES = ("text", "bytea", "text[]", "bytea[]")
KINDS = ("image", "file", "video")
PHASES = ("up", "down", "back")
VIDEO = bytes([0, 0, 0, 24]) + b"ftypmp42" + bytes(4) + b"mp42isom"
THRESHOLD = 4000


class Cell:
    """One table, and the cases it stands for."""

    # A spread of sizes on both sides of the threshold.
    pictures = itertools.cycle(range(0, 2000 * 7, 7))

    def __init__(self, number, strategy, policy, column_type, kind, local):
        self.settings = Settings(strategy, ("first",), local, THRESHOLD, policy, "archive" if number % 2 else "discard",
                                 kind, column_type)
        self.table = f"cell_{number}"
        self.number = number
        self.rows = {}
        self.fault = None

    def name(self, phase):
        s = self.settings
        kept = f" ({s.originals} originals)" if s.kind == "image" and s.policy != "keep" else ""
        return (f"{s.strategy}, local {s.local}, {s.policy}{kept}, {s.type}, {s.kind}, S3 {phase}")

    def attach(self, session):
        s = self.settings
        statement = f"""
            create table {self.table} (id int primary key, media {s.type});
            select offload.attach('{self.table}', 'media', url_column => 'url', kind => '{s.kind}', strategy => '{s.strategy}',
              stores => '{{first}}', local_store => {"null" if s.local == "row" else "'disk'"}, threshold => {s.threshold},
              source_policy => '{s.policy}', originals => '{s.originals}', grace => '0', view_name => '{self.table}_media')"""
        try:
            session.run(statement)
        except Refused as refused:
            return refused.state
        return None

    def value(self, row, position):
        s = self.settings
        size = (900, THRESHOLD, THRESHOLD + 1, 6000)[position % 4]
        if s.kind == "image":
            look = shape(next(self.pictures))
            source = picture(*look)
        else:
            look = ()
            head = VIDEO if s.kind == "video" else b"%PDF-1.7 "
            mark = f"{self.number}.{row}.{position}.".encode()
            source = (head + mark * (size // len(mark) + 1))[:size]
        media = {"image": "image/png", "video": "video/mp4", "file": "application/pdf"}[s.kind]
        prefix = f"data:{media};base64," if s.type.startswith("text") and (row + position) % 2 else ""
        return Value(source, look, prefix)

    def insert(self, session, phase):
        """Two rows a phase: of a scalar one value each, of an array two with a null between them."""
        s = self.settings
        for n in (0, 1):
            row = PHASES.index(phase) * 2 + n + 1
            if s.is_array:
                values = [self.value(row, 2 * n), None, self.value(row, 2 * n + 1)]
                text = "array[" + ",".join("null" if v is None else written(v, s.type) for v in values) + f"]::{s.type}"
            else:
                values = [self.value(row, n * 2 + self.number % 2)]
                text = written(values[0], s.type)
            session.run(f"insert into {self.table} (id, media) values ({row}, {text})")
            self.rows[row] = values

    def check(self, shop, found, held, is_down, phase):
        s = self.settings
        for row in found:
            values = self.rows[row["id"]]
            cells, urls, answers = (row[k] if s.is_array else [row[k]] for k in ("media", "url", "media_url"))
            urls = urls or [None] * len(values)
            waits = is_down and row["id"] > 2 and any(
                s.wants_remote(len(v.source)) or s.archives() for v in values if v)
            for value, cell, url, answer in zip(values, cells, urls, answers, strict=True):
                where = f"row {row['id']}"
                if value is None:
                    expect(cell is None and url is None and answer is None, f"{where}: a null element became something")
                    continue
                check_answer(shop, value, s, cell, url, answer, where)
                size = len(value.source)
                if waits:
                    # The row answers as it was written, or from the directory; nothing of it has gone.
                    expect(cell is not None, f"{where}: the source went while the store was down")
                    if s.wants_remote(size) and not s.wants_disk(size):
                        expect(url is None and read(value, cell, s.type) == value.source, f"{where}: {url}")
                    elif s.strategy == "redundant" and s.local == "disk" and not s.archives():
                        expect(url is not None and shop.store_of(url) == "disk", f"{where}: degraded to {url}")
                else:
                    value.settle(s)
                    check_rest(shop, value, s, cell, url, held, where)


def cells():
    number = 0
    for strategy, policy, column_type, kind, local in itertools.product(
            STRATEGIES, POLICIES, TYPES, KINDS, ("row", "disk")):
        number += 1
        yield Cell(number, strategy, policy, column_type, kind, local)


def run(ground, only, report):
    with ground.shop() as shop:
        session = shop.session
        shop.check_stores()
        alive = []
        for cell in cells():
            if only and not any(only in cell.name(phase) for phase in PHASES):
                continue
            state, wanted = cell.attach(session), cell.settings.refusal()
            if state is None and wanted is None:
                alive.append(cell)
                continue
            fault = None if state == wanted else f"attach answers {state}, and should {wanted}"
            for phase in PHASES:
                report(f"{cell.name(phase)}: refused {wanted}", fault)
        for phase in PHASES:
            is_down = phase == "down"
            if is_down:
                shop.take_down("first")
            for cell in alive:
                if phase != "back":
                    cell.insert(session, phase)
            if is_down:
                shop.work()
            else:
                shop.bring_back("first")
                shop.settle()
            held = {store: shop.hashes(store) for store in ("first", "second", "disk")}
            for cell in alive:
                fault = None
                try:
                    cell.check(shop, session.rows(f"select * from {cell.table}_media order by id"), held, is_down, phase)
                except Exception as failure:  # The cell is counted, the others run.
                    fault = f"{type(failure).__name__}: {failure}"
                report(cell.name(phase), fault)
        return len(alive)
