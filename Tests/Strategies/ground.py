"""Real servers for the model: Postgres, an S3 server behind two relays, a directory; and the real worker."""

import base64
import contextlib
import datetime
import hashlib
import hmac
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import xml.etree.ElementTree

from checks import PROJECT, Failure, expect, free_port, plain_environment, png_file

ACCESS, SECRET, BUCKET = "testaccesskey", "testsecretkey0123456789", "model"


def shape(number):
    """A width and height that no other of 2,000 pictures has: so an object is told to be a picture's without its hash."""
    return 40 + number % 80, 12 + number // 80 % 25


def picture(width, height):
    """An uncompressed PNG of about three bytes a pixel."""
    return png_file(
        width, height, lambda x, y: ((x * 3 + y) % 256, (y * 9 + width) % 256, (x * y // 5) % 256), 3, level=0)


def webp_size(data):
    """Width and height by a WebP's header; None: it is none."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    kind = data[12:16]
    if kind == b"VP8 ":
        return tuple(n & 0x3FFF for n in struct.unpack("<HH", data[26:30]))
    if kind == b"VP8L":
        bits = struct.unpack("<I", data[21:25])[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return (int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1)


class Refused(Exception):
    """A statement's error."""

    def __init__(self, text):
        super().__init__(text)
        found = re.search(r"(?:ERROR|FATAL):\s+([0-9A-Z]{5}):", text)
        self.state = found.group(1) if found else ""


class Session:
    """One psql that stays."""

    def __init__(self, address):
        self.process = subprocess.Popen(
            ["psql", "-X", "-q", "-A", "-t", "-v", "VERBOSITY=verbose", "-d", address], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1)
        self.run("set client_min_messages = error")

    def run(self, statements):
        self.process.stdin.write(statements.rstrip().rstrip(";") + ";\n\\echo <<end>>\n")
        self.process.stdin.flush()
        lines = []
        while (line := self.process.stdout.readline()) != "<<end>>\n":
            if not line:
                raise Failure("psql ended: " + "".join(lines))
            lines.append(line)
        text = "".join(lines)
        if re.search(r"^(?:ERROR|FATAL):", text, re.M):
            raise Refused(text)
        return text

    def rows(self, query):
        return json.loads(self.run(f"select coalesce(json_agg(r), '[]') from ({query}) r"))

    def value(self, query):
        return self.run(query).strip()

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)


class Relay:
    """Tests/Support/servers/relay.py before the S3 server: takes a store down, and counts uploads."""

    def __init__(self, target):
        script = PROJECT / "Tests/Support/servers/relay.py"
        self.process = subprocess.Popen(
            [sys.executable, script, target], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.endpoint = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def _ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def set(self, mode):
        self._ask(f"do {mode}")

    @property
    def uploads(self):
        return int(self._ask("count").split()[0])

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)


class S3:
    """Requests of our own to the server itself, past the relays."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.host = endpoint.split("//")[1]

    def request(self, method, path, query="", body=b""):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{now[:8]}/us-east-1/s3/aws4_request"
        payload = hashlib.sha256(body).hexdigest()
        canonical = (f"{method}\n{path}\n{query}\nhost:{self.host}\nx-amz-content-sha256:{payload}\nx-amz-date:{now}\n\n"
                     f"host;x-amz-content-sha256;x-amz-date\n{payload}")
        key = ("AWS4" + SECRET).encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        request = urllib.request.Request(self.endpoint + path + ("?" + query if query else ""), body or None, {
            "x-amz-date": now, "x-amz-content-sha256": payload, "Authorization":
            f"AWS4-HMAC-SHA256 Credential={ACCESS}/{scope}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            f"Signature={signature}"}, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read()

    def make(self, bucket):
        self.request("PUT", f"/{bucket}")
        policy = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}]}
        self.request("PUT", f"/{bucket}", "policy=", json.dumps(policy).encode())

    def keys(self, bucket, prefix):
        found, after = [], ""
        while True:
            query = f"list-type=2&prefix={urllib.parse.quote(prefix, safe='')}"
            query = (f"continuation-token={urllib.parse.quote(after, safe='')}&" if after else "") + query
            page = xml.etree.ElementTree.fromstring(self.request("GET", f"/{bucket}", query))
            space = {"s": "http://s3.amazonaws.com/doc/2006-03-01/"}
            found += [key.text[len(prefix):] for key in page.findall("s:Contents/s:Key", space)]
            token = page.find("s:NextContinuationToken", space)
            if token is None:
                return found
            after = token.text


class Ground:
    """Servers that all databases share, and the program."""

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="offload-model."))
        self.root.chmod(0o755)
        self.databases, self.dsn, self.relays = 0, None, {}
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self):
        subprocess.run(os.environ.get("OFFLOAD_BUILD", "swift build --quiet --product offload").split(), cwd=PROJECT, check=True,
                       stdin=subprocess.DEVNULL)
        self.offload = PROJECT / ".build/debug/offload"
        run = subprocess.run([PROJECT / "scripts/testbed/postgres", "start", self.root / "postgres"], check=True,
                             stdout=subprocess.PIPE, text=True)
        self.dsn = run.stdout.strip()
        port = free_port()
        subprocess.run(
            [PROJECT / "scripts/testbed/s3-rgw", "start", self.root / "s3", str(port)], check=True,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "S3_BUCKET": "", "S3_ACCESS_KEY": ACCESS, "S3_SECRET_KEY": SECRET})
        self.s3 = S3(f"http://127.0.0.1:{port}")
        self.s3.make(BUCKET)
        for name in ("first", "second"):
            self.relays[name] = Relay(self.s3.host)

    def __exit__(self, *_):
        for relay in self.relays.values():
            relay.close()
        for program in ("postgres", "s3-rgw"):
            place = self.root / ("s3" if program == "s3-rgw" else program)
            if place.exists():
                subprocess.run([PROJECT / f"scripts/testbed/{program}", "wipe", place], check=False,
                               stdout=subprocess.DEVNULL)
        shutil.rmtree(self.root, ignore_errors=True)

    @contextlib.contextmanager
    def shop(self):
        self.databases += 1
        shop = Shop(self, f"shop{self.databases}")
        try:
            yield shop
        finally:
            shop.session.close()
            for relay in self.relays.values():
                relay.set("ok")


class Shop:
    """A database with the stores first and second (S3, each behind its relay) and disk (a directory)."""

    def __init__(self, ground, name):
        self.ground, self.name = ground, name
        self.address = ground.dsn.rsplit("/", 1)[0] + "/" + name
        admin = Session(ground.dsn)
        admin.run(f"create database {name}")
        admin.close()
        self.run("install")
        self.session = Session(self.address)
        self.disk = ground.root / f"disk-{name}"
        self.disk.mkdir()
        for store, relay in ground.relays.items():
            self.session.run(f"""
                select offload.add_store('{store}', 's3', endpoint => '{relay.endpoint}', bucket => '{BUCKET}',
                  prefix => '{name}-{store}/', addressing => 'path', public_url => '{ground.s3.endpoint}/{BUCKET}')""")
        self.session.run(f"select offload.add_store('disk', 'directory', path => '{self.disk}')")

    def run(self, *arguments):
        environment = plain_environment(
            DATABASE_URL=self.address, S3_ACCESS_KEY_ID=ACCESS, S3_SECRET_ACCESS_KEY=SECRET)
        ran = subprocess.run([self.ground.offload, *arguments], env=environment, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
        expect(ran.returncode == 0, f"offload {' '.join(arguments)}: {ran.returncode}\n{ran.stderr[-3000:]}")
        self.log = ran.stderr
        return ran.stdout

    def work(self):
        """What is due, and what waits for a store or its grace, as if its time had come."""
        self.session.run("update offload.job set ready_at = clock_timestamp() where ready_at > clock_timestamp()")
        self.run("work", "--until-empty")

    def settle(self):
        """Until nothing is left to do; with every store up that must come soon."""
        for _ in range(8):
            self.work()
            left = self.session.value("""
                select (select count(*) from offload.arrival) + (select count(*) from offload.backfill where state = 'pending')""")
            if left == "0":
                return
        jobs = self.session.rows("select j.*, r.reason as why from offload.job j left join offload.refusal_reason r using (reason)")
        raise Failure(f"work that does not end: {jobs[:3]}\n{self.log[-2000:]}")

    def check_stores(self):
        """Until it is known that the URLs of both S3 stores open: no source is cleared before."""
        for _ in range(50):
            self.work()
            if self.session.value("select count(*) from offload.store_check where opens") == "2":
                return
        raise Failure("the stores' URLs are not known to open: " + self.session.value("select * from offload.store_check"))

    @property
    def uploads(self):
        return sum(relay.uploads for relay in self.ground.relays.values())

    def take_down(self, store):
        if store == "disk":
            # A file in the directory's place: no account may write below it, not even root.
            self.disk.rename(f"{self.disk}.away")
            self.disk.write_text("")
        else:
            self.ground.relays[store].set("refuse")

    def bring_back(self, store):
        if store == "disk":
            self.disk.unlink()
            pathlib.Path(f"{self.disk}.away").rename(self.disk)
        else:
            self.ground.relays[store].set("ok")

    def hashes(self, store):
        """The names of the objects that a store really holds."""
        if store == "disk":
            root = pathlib.Path(f"{self.disk}.away") if self.disk.is_file() else self.disk
            keys = [str(path) for path in root.rglob("*") if path.is_file()]
        else:
            keys = self.ground.s3.keys(BUCKET, f"{self.name}-{store}/")
        return {found.group(1) for key in keys if (found := re.search(r"([0-9a-f]{64})\.[a-z0-9]+$", key))}

    def store_of(self, url):
        for store in ("first", "second"):
            if f"/{BUCKET}/{self.name}-{store}/" in url:
                return store
        expect(url.startswith(f"file://{self.disk}/"), f"a URL of no store: {url}")
        return "disk"

    def opened(self, url):
        """The bytes behind a URL; what the stores' outages are to the worker they are not to readers."""
        if url.startswith("file://"):
            path = url[7:]
            if self.disk.is_file():
                path = path.replace(str(self.disk), f"{self.disk}.away", 1)
            data = pathlib.Path(path).read_bytes()
        else:
            with urllib.request.urlopen(url, timeout=20) as answer:
                data = answer.read()
        expect(hashlib.sha256(data).hexdigest() in url, f"{url} holds other bytes than its name says")
        return data


def decoded(text):
    """The bytes of base64 or of a data URI, and the media type it tells."""
    found = re.match(r"data:([^;,]*);base64,", text)
    return base64.b64decode(text[found.end():] if found else text, validate=True), found.group(1) if found else None
