"""What the suites in Python have in common: checks by sentence, their report, and small things that each needs."""

import os
import pathlib
import re
import struct
import subprocess
import time
import traceback
import zlib

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = 60
CHECKS = []


class Failure(Exception):
    """What a check expected and did not get."""


def check(sentence):
    def register(function):
        CHECKS.append((sentence, function))
        return function

    return register


def expect(condition, what):
    if not condition:
        raise Failure(what)


def equal(found, wanted, what):
    if found != wanted:
        raise Failure(f"{what}\nwanted: {wanted}\nfound:  {found}")


def until(condition, what, patience=PATIENCE):
    """Asks until the answer is true, and returns it."""
    deadline = time.monotonic() + patience
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise Failure(f"not within {patience} s: {what() if callable(what) else what}")
        time.sleep(0.02)


class Report:
    """A line for each case, and the count at the end."""

    def __init__(self):
        self.passed = self.failed = 0

    def add(self, name, fault=None):
        if fault is None:
            self.passed += 1
            print(f"ok    {name}", flush=True)
        else:
            self.failed += 1
            print(f"FAIL  {name}\n      " + str(fault).strip().replace("\n", "\n      "), flush=True)

    def play(self, place, only="", prefix="", after=lambda: None):
        """Every check whose sentence contains `only`; one that is broken itself is counted, and the others run."""
        for sentence, function in CHECKS:
            if only not in sentence:
                continue
            began, fault = time.monotonic(), None
            try:
                function(place)
            except Failure as failure:
                fault = failure
            except Exception:
                fault = traceback.format_exc()
            self.add(f"{prefix}{sentence} ({time.monotonic() - began:.1f} s)", fault)
            after()

    def end(self):
        """The last line; the status of the program."""
        print(f"{self.passed} passed, {self.failed} failed")
        return 0 if self.passed and not self.failed else 1


def free_port():
    ran = subprocess.run([PROJECT / "scripts/testbed/free-port"], check=True, stdout=subprocess.PIPE, text=True)
    return int(ran.stdout)


def plain_environment(**added):
    """The environment without anything of the caller's own databases and stores."""
    own = r"(PG|S3_|AWS_|DB_|CLOUDINARY_|STORAGE_|DATABASE_URL|DIRECT_URL|HYBRID|ENVIRONMENT)"
    return {**{name: value for name, value in os.environ.items() if not re.match(own, name)}, **added}


def png_file(width, height, pixel, channels, level=6):
    """A PNG of 8 bits a channel, grey or RGB; `pixel` gives the bytes of a column and row."""
    rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(width)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    colour = {1: 0, 3: 2}[channels]
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows, level)) + chunk(b"IEND", b""))
