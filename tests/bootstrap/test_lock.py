"""One set of services per home, whoever starts it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from builder.bootstrap import lock, places, services
from builder.bootstrap.lock import HomeLock
from tests.bootstrap.processes import alive, descendants


def test_a_home_can_be_taken_once(tmp_path: Path) -> None:
    first, second = HomeLock(tmp_path), HomeLock(tmp_path)
    assert first.take()
    assert not second.take()
    first.describe("http://127.0.0.1:8000")
    assert second.holder() == f"process {os.getpid()}, http://127.0.0.1:8000"
    first.release()
    assert second.take()
    second.release()


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from builder.bootstrap.lock import HomeLock\n"
        "lock = HomeLock(Path(sys.argv[1])); print(lock.take(), flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, cwd=places.ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"True\n"
        mine = HomeLock(tmp_path)
        assert not mine.take()
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert mine.take()
    mine.release()


def test_a_run_from_the_terminal_starts_services_of_its_own(tmp_path: Path) -> None:
    listen = places.socket_path(tmp_path)
    before = descendants(os.getpid())
    with services.borrowed(tmp_path):
        assert services.answers_ping(listen)
        assert not HomeLock(tmp_path).take()
        started = descendants(os.getpid()) - before
        assert len(started) >= 3  # the guard, Valkey, the worker
    assert not services.answers_ping(listen)
    assert not any(map(alive, started))
    later = HomeLock(tmp_path)
    assert later.take()
    later.release()


def test_a_run_from_the_terminal_uses_the_services_that_are_there(tmp_path: Path) -> None:
    up = HomeLock(tmp_path)
    assert up.take()
    before = descendants(os.getpid())
    with services.borrowed(tmp_path):
        assert descendants(os.getpid()) == before
    up.release()


def test_a_second_installation_waits_for_the_first(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.touch()
    program = f"""
from pathlib import Path
from builder.bootstrap import lock
with lock.waiting(Path({str(file)!r})):
    print("in", flush=True)
"""
    with lock.waiting(file):
        other = subprocess.Popen(
            [sys.executable, "-c", program], cwd=places.ROOT, stdout=subprocess.PIPE, text=True
        )
        assert other.stdout is not None
        assert other.stdout.readline() == "• waiting for another installation in this folder to finish\n"
    assert other.communicate(timeout=20)[0] == "in\n"
    assert other.returncode == 0
