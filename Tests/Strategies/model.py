"""What every row must answer and which stores must hold what, reckoned without looking at pg_offload's own tables."""

import base64
import dataclasses
import hashlib

from checks import expect
from ground import decoded, webp_size

HASH = lambda data: hashlib.sha256(data).hexdigest()  # noqa: E731


@dataclasses.dataclass
class Settings:
    strategy: str
    stores: tuple = ("first", "second")
    local: str = "row"
    threshold: int = 4000
    policy: str = "keep"
    originals: str = "discard"
    kind: str = "image"
    type: str = "text"

    @property
    def is_array(self):
        return self.type.endswith("[]")

    def wants_remote(self, size):
        return self.strategy in ("s3_primary", "redundant") or (self.strategy == "hybrid" and size > self.threshold)

    def wants_local(self, size):
        return self.strategy in ("local_primary", "redundant") or (self.strategy == "hybrid" and size <= self.threshold)

    def wants_row(self, size):
        return self.local == "row" and self.wants_local(size)

    def wants_disk(self, size):
        return self.local == "disk" and self.wants_local(size)

    def archives(self):
        return self.kind == "image" and self.policy != "keep" and self.originals == "archive"

    def refusal(self):
        """The error of a combination that cannot be, or None."""
        if self.policy == "clear":
            if self.is_array or self.strategy == "local_primary":
                return "OF010"
            if self.strategy == "redundant" and self.local == "row":
                return "OF010"
        if self.archives() and not self.stores and self.local == "row":
            return "OF009"
        return None


@dataclasses.dataclass
class Value:
    """One value: what the application wrote, and what of it the row must hold: all of it, its object, or nothing."""

    source: bytes
    shape: tuple = ()
    prefix: str = ""
    holds: str = "source"
    # None: perhaps; an outage decided it.
    archived: bool | None = False
    pinned: bool | None = False
    # Where its URL was at rest, as long as nothing is asked that would move it.
    store: str | None = None

    def is_object(self, data):
        """Whether bytes are this value's object: itself, or a WebP of its own picture."""
        return data == self.source or (bool(self.shape) and webp_size(data) == self.shape)

    def settle(self, settings):
        """What a worker that reaches every store makes of it."""
        size = len(self.source)
        if settings.archives() and self.holds == "source":
            self.archived = True
        if not self.pinned:
            if settings.policy == "replace" and settings.kind == "image" and self.holds == "source":
                self.holds = "object"
            elif settings.policy == "clear" and settings.wants_remote(size):
                self.holds = "nothing"
            elif self.holds == "nothing" and settings.wants_row(size):
                self.holds = "object"
        elif self.holds != "source":
            self.holds = "source"


    def observe(self, settings, data):
        """What a worker did that did not reach every store: what it should have done, or nothing yet."""
        before, pinned = self.holds, self.pinned
        if settings.archives() and before == "source" and self.archived is False:
            self.archived = None
        allowed = {before}
        for pinned in {True, False} if pinned is None else {pinned}:
            after = Value(self.source, self.shape, holds=before, pinned=pinned)
            after.settle(settings)
            allowed.add(after.holds)
        now = "nothing" if data is None else "source" if data == self.source else "object"
        expect(now in allowed, f"the row holds its {now}, and should one of {sorted(allowed)}")
        if self.pinned is None:
            self.pinned = True if now == "source" and allowed != {"source"} else None
        self.holds = now


def written(value, column_type):
    """The value as the application writes it, as SQL."""
    if column_type.startswith("bytea"):
        return f"'\\x{value.source.hex()}'::bytea"
    return "'" + value.prefix + base64.b64encode(value.source).decode() + "'"


def read(value, cell, column_type):
    """What a cell holds: its bytes, or None. A text must keep its form and tell its type truly."""
    if cell is None:
        return None
    if column_type.startswith("bytea"):
        return bytes.fromhex(cell[2:])
    data, media = decoded(cell)
    expect((media is not None) == bool(value.prefix), f"a text changed its form: {cell[:40]}")
    if media is not None and webp_size(data):
        expect(media == "image/webp", f"a WebP is called {media}")
    return data


def check_answer(shop, value, settings, cell, url, answer, where):
    """What holds at every moment, stores up or down: the value answers, and with nothing but itself."""
    data = read(value, cell, settings.type)
    if data is not None:
        expect(data == value.source or (settings.kind == "image" and value.is_object(data)), f"{where}: a foreign source")
    if url is not None:
        expect(answer == url, f"{where}: the view answers {str(answer)[:60]}, not the URL")
        expect(value.is_object(shop.opened(url)), f"{where}: the URL shows another picture")
    else:
        expect(data is not None, f"{where}: the value is lost")
        expect(answer is not None and decoded(answer)[0] == data, f"{where}: the view answers {str(answer)[:60]}")


def check_rest(shop, value, settings, cell, url, held, where):
    """What holds once there is nothing left to do: wanted is actual."""
    data = read(value, cell, settings.type)
    size = len(value.source)
    if value.holds == "source":
        expect(data == value.source, f"{where}: the row has not its source: {None if data is None else data[:12]}")
    elif value.holds == "object":
        expect(data is not None and value.is_object(data), f"{where}: the row has not its object")
        expect(data != value.source or settings.kind != "image", f"{where}: the source was not replaced")
    else:
        expect(data is None, f"{where}: the source was not cleared")

    if settings.wants_remote(size):
        expect(url is not None and shop.store_of(url) in settings.stores, f"{where}: the URL is {url}")
        expect(value.store in (None, shop.store_of(url)), f"{where}: it moved from {value.store} to {url}")
        value.store = shop.store_of(url)
    elif settings.wants_disk(size):
        expect(url is not None and shop.store_of(url) == "disk", f"{where}: the URL is {url}")
    else:
        expect(url is None, f"{where}: a URL that is not wanted: {url}")
    if url is not None:
        name = HASH(shop.opened(url))
        if settings.wants_remote(size):
            expect(any(name in held[store] for store in settings.stores), f"{where}: no store of the chain holds it")
        if settings.wants_disk(size):
            expect(name in held["disk"], f"{where}: the directory does not hold it")
    if value.archived and value.holds != "source":
        expect(any(HASH(value.source) in names for names in held.values()), f"{where}: its original is in no store")
