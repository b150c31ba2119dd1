"""What the workers lean on, and what becomes of it: a Valkey that is killed and comes back empty, a Postgres that crashes."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from builder.bootstrap import places, services
from tests.chaos.crew import children
from tests.stages.postgres import Cluster

# What was committed must be there after a crash of the processes; of the whole machine is not spoken here.
DURABLE = {"synchronous_commit": "on"}
PATIENCE = 30.0


class Valkey:
    """A real one on a socket in the home. It keeps nothing on a disk, so what is killed is wiped as well."""

    def __init__(self, home: Path) -> None:
        self._socket = places.socket_path(home)
        self._folder = home / "valkey"
        self._folder.mkdir()
        places.make_private(self._socket.parent)
        self.url = places.redis_url(home)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._socket.unlink(missing_ok=True)
        command = services.valkey_command(services.find_valkey(), self._socket, self._folder)
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _until(lambda: services.answers_ping(self._socket))

    def crash(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Postgres(Cluster):
    """A cluster of its own, whose commits are kept."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, **DURABLE)

    def crash(self) -> None:
        """Kill every process of it at once; nothing is written any more."""
        assert self.process is not None
        everybody = [self.process.pid, *children(self.process.pid)]
        for pid in everybody:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()
        _until(lambda: not any(is_there(pid) for pid in everybody))
        # It still says that the server is ready, and is in nobody's way who has seen them all go.
        (self._data / "postmaster.pid").unlink(missing_ok=True)


def is_there(pid: int) -> bool:
    """Whether the process runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _until(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not look():
        if time.monotonic() > deadline:
            raise RuntimeError("a service did not start")
        time.sleep(0.02)
