"""The psql sessions of docs/strategies.md, run as they stand: what they print must stand there, too."""

import os
import re
import subprocess

from checks import PROJECT, expect
from ground import ACCESS, SECRET, Relay, picture

DOCUMENT = PROJECT / "docs/strategies.md"
BLOCK = re.compile(r"^## ([^\n]*)\n|^```psql\n(.*?)^```\n", re.M | re.S)
INPUT = re.compile(r"^(?:shop=# |\$ |# )")


class Place:
    """What one heading's sessions share: a database, a bucket behind a relay, a directory."""

    def __init__(self, ground, number):
        self.ground, self.name = ground, f"doc{number}"
        self.bucket = f"shop-media-{number}"
        ground.s3.make(self.bucket)
        self.relay = Relay(ground.s3.host)
        self.path = ground.root / self.name
        self.path.mkdir()
        (self.path / "chair.png").write_bytes(picture(200, 100))
        (self.path / "icon.png").write_bytes(picture(30, 15))
        (self.path / "media").mkdir()
        self.address = ground.dsn.rsplit("/", 1)[0] + "/" + self.name
        subprocess.run(["psql", "-Xqc", f"create database {self.name}", "-d", ground.dsn], check=True)
        self.offload("install")
        self.psql = subprocess.Popen(
            ["psql", "-X", "-q", "-P", "pager=off", "-d", self.address], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, bufsize=1, cwd=self.path)

    def close(self):
        self.psql.stdin.close()
        self.psql.wait(30)
        self.relay.close()

    def offload(self, *arguments):
        environment = {k: v for k, v in os.environ.items() if not re.match(r"(PG|S3_|AWS_|DB_|CLOUDINARY|STORAGE)", k)}
        environment |= {"DATABASE_URL": self.address, "S3_ACCESS_KEY_ID": ACCESS, "S3_SECRET_ACCESS_KEY": SECRET}
        ran = subprocess.run([self.ground.offload, *arguments], env=environment, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, timeout=120)
        expect(ran.returncode == 0, ran.stderr)
        return ran.stdout

    def real(self, text):
        return (text.replace("https://s3.example.com", self.relay.endpoint).replace("/srv/media", f"{self.path}/media")
                .replace("'shop-media'", f"'{self.bucket}', addressing => 'path'"))

    def shown(self, text):
        return (text.replace(self.bucket, "shop-media").replace(self.relay.endpoint, "https://s3.example.com")
                .replace(f"{self.path}/media", "/srv/media").replace(self.address, "postgresql:///shop")
                # What a NOTICE says to start names no user.
                .replace(re.sub(r"//[^@/]*@", "//", self.address), "postgresql:///shop")
                .replace(f"postgresql:///{self.name}", "postgresql:///shop"))

    def ask(self, line):
        self.psql.stdin.write(f"{self.real(line)}\n\\echo <<end>>\n")
        self.psql.stdin.flush()
        lines = []
        while (text := self.psql.stdout.readline()) != "<<end>>\n":
            expect(text, "psql ended")
            lines.append(text.rstrip() + "\n")
        return "".join(lines)

    def answer(self, line):
        kind, rest = re.match(r"(shop=# |\$ offload |# )(.*)", line).groups()
        if kind == "shop=# ":
            return self.shown(self.ask(rest))
        if kind == "# ":
            self.relay.set("refuse" if rest.endswith("is out") else "ok")
            return ""
        # What waits for a store is due when somebody has read this far, and what opens is known by then.
        self.ask("update offload.job set ready_at = clock_timestamp() where ready_at > clock_timestamp();")
        printed = self.offload(*rest.split())
        for _ in range(40):
            if self.relay_is_known():
                break
            self.offload("work", "--until-empty")
        return self.shown(printed)

    def relay_is_known(self):
        return "t" in self.ask("""\\t on
            select not exists (select from offload.managed_column where source_policy = 'clear')
              or exists (select from offload.store_check where opens);
            \\t off""").split()


def played(ground, text):
    """The document with what its sessions print now."""
    parts, end, number, place = [], 0, 0, None
    for block in BLOCK.finditer(text):
        parts.append(text[end:block.start()])
        end = block.end()
        if block.group(1) is not None:
            if place:
                place.close()
            number, place = number + 1, None
            parts.append(block.group(0))
            continue
        place = place or Place(ground, number)
        lines = [line for line in block.group(2).split("\n") if INPUT.match(line)]
        parts.append("```psql\n" + "".join(f"{line}\n{place.answer(line)}" for line in lines).rstrip("\n") + "\n```\n")
    if place:
        place.close()
    return "".join(parts) + text[end:]


def run(ground, write, report):
    text = DOCUMENT.read_text()
    now = played(ground, text)
    expect(len(re.findall(r"^shop=# ", now, re.M)) > 40, "the document has hardly a session")
    if write:
        DOCUMENT.write_text(now)
    wrong = [f"is:     {a}\nprints: {b}" for a, b in zip(text.split("\n"), now.split("\n")) if a != b]
    report("docs/strategies.md: its sessions print what stands there",
           None if write or now == text else "\n".join(wrong[:5] or ["more or fewer lines"]))
