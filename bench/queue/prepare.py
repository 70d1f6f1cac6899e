"""What a bench needs before it begins: the peers, the program, and the interpreter that has a driver for Postgres."""

import os
import pathlib
import platform
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("OFFLOAD_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "pg_offload")
VENV = CACHE / "queue-peers"
PACKAGES = ["procrastinate==3.10.0", "pgqueuer==1.6.0", "pgmq==1.1.4", "psycopg[binary]==3.3.9", "asyncpg==0.32.0"]


def installed(package):
    return subprocess.run(["dpkg-query", "-W", package], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def prepare(script):
    """The peers, the program, and this script under the interpreter that has them."""
    if not installed("postgresql-15-pgq3"):
        subprocess.run(["apt-get", "-qq", "install", "-y", "--no-install-recommends", "postgresql-15-pgq3"], check=True)
    mark = VENV / "packages"
    if not mark.exists() or mark.read_text() != "\n".join(PACKAGES):
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
        subprocess.run([VENV / "bin/pip", "--quiet", "--disable-pip-version-check", "install", *PACKAGES], check=True)
        mark.write_text("\n".join(PACKAGES))
    if "OFFLOAD_PROGRAM" not in os.environ:
        subprocess.run(["swift", "build", "-c", "release", "--product", "offload"], cwd=PROJECT, check=True, stdout=sys.stderr)
        os.environ["OFFLOAD_PROGRAM"] = str(PROJECT / ".build/release/offload")
    if pathlib.Path(sys.prefix) != VENV:
        os.execv(VENV / "bin/python", [VENV / "bin/python", script, *sys.argv[1:]])


def machine():
    model = next(
        (line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    memory = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemTotal"))
    return f"{os.cpu_count()} x {model}; {round(memory / 1048576)} GB"
