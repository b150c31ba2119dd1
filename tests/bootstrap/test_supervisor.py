"""The supervisor, with real processes."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from builder.bootstrap import places, services
from builder.bootstrap.supervisor import Service, Supervisor
from builder.bootstrap.talk import Refusal
from tests.bootstrap.processes import alive, descendants, eventually

SLEEPER = "import time; time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
# A parent with a child in its own process group, as a worker has.
FAMILY = (
    f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]); time.sleep(600)"
)


def python(name: str, code: str, folder: Path, **more: object) -> Service:
    return Service(name, (sys.executable, "-c", code), folder / f"{name}.log", **more)  # type: ignore[arg-type]


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor() as supervisor:
        yield supervisor


def press_ctrl_c_when(condition: object) -> threading.Thread:
    def press() -> None:
        eventually(condition)  # type: ignore[arg-type]
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    return thread


def test_leaving_the_block_ends_services_and_their_children(tmp_path: Path) -> None:
    with Supervisor() as supervisor:
        supervisor.start(python("plain", SLEEPER, tmp_path))
        supervisor.start(python("family", FAMILY, tmp_path))
        family = supervisor.processes["family"]
        assert eventually(lambda: descendants(family))
        everyone = {*supervisor.processes.values(), *descendants(family)}
        assert len(everyone) == 3
    assert eventually(lambda: not any(map(alive, everyone)), 2)


def test_a_service_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    deaf = python("deaf", STUBBORN, tmp_path, stops=((signal.SIGTERM, 0.2),))
    with Supervisor() as supervisor:
        supervisor.start(deaf)
        process = supervisor.processes["deaf"]
        assert eventually(lambda: deaf.log.read_text().strip() == "deaf")
    assert not alive(process)


def test_a_crashed_service_starts_again_without_its_old_children(
    supervisor: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor.start(python("family", FAMILY, tmp_path))
    first = supervisor.processes["family"]
    assert eventually(lambda: descendants(first))
    orphans = descendants(first)
    os.kill(first, signal.SIGKILL)
    thread = press_ctrl_c_when(lambda: supervisor.processes["family"] != first)
    supervisor.watch()
    thread.join()
    assert alive(supervisor.processes["family"])
    assert supervisor.processes["family"] != first
    assert not any(map(alive, orphans))
    assert "The family was ended by SIGKILL; it starts again in 0.5 s." in capsys.readouterr().out


def test_the_pause_grows_with_every_crash(
    supervisor: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor.start(python("broken", "raise SystemExit(3)", tmp_path))
    said: list[str] = []

    def said_two() -> bool:
        said.append(capsys.readouterr().out)
        return "".join(said).count("ended with code 3") >= 2

    thread = press_ctrl_c_when(said_two)
    supervisor.watch()
    thread.join()
    text = "".join(said)
    assert "starts again in 0.5 s" in text
    assert "starts again in 1 s" in text


def test_killing_the_supervisor_leaves_no_process(tmp_path: Path) -> None:
    program = f"""
import sys, time
from pathlib import Path
from builder.bootstrap.supervisor import Service, Supervisor
supervisor = Supervisor()
for name, code in (("plain", {SLEEPER!r}), ("family", {FAMILY!r}), ("deaf", {STUBBORN!r})):
    supervisor.start(Service(name, (sys.executable, "-c", code), Path({str(tmp_path)!r}, name + ".log")))
print("up", flush=True)
supervisor.watch()
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=places.ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    # the guard, three services, one grandchild
    assert eventually(lambda: len(descendants(process.pid)) == 5)
    everyone = descendants(process.pid)
    assert eventually(lambda: (tmp_path / "deaf.log").read_text())
    process.kill()
    process.wait()
    process.stdout.close()
    assert eventually(lambda: not any(map(alive, everyone)), 5), [p for p in everyone if alive(p)]


def test_a_service_that_dies_while_starting_says_its_last_words(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    broken = python("broken", "raise SystemExit('no such table')", tmp_path, ready=lambda: False)
    supervisor.start(broken)
    with pytest.raises(Refusal, match="The broken ended while starting") as refusal:
        supervisor.wait_ready("broken", 10)
    assert "no such table" in str(refusal.value)


def test_a_service_that_never_answers_is_refused(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(python("mute", SLEEPER, tmp_path, ready=lambda: False))
    with pytest.raises(Refusal, match="did not answer within"):
        supervisor.wait_ready("mute", 0.2)


def test_valkey_answers_on_a_private_socket_and_goes_with_the_supervisor(tmp_path: Path) -> None:
    listen = places.socket_path(tmp_path)
    with Supervisor() as supervisor:
        services.start_valkey(supervisor, tmp_path)
        process = supervisor.processes[services.VALKEY]
        assert services.answers_ping(listen)
        assert listen.stat().st_mode & 0o077 == 0
        assert listen.parent.stat().st_mode & 0o077 == 0
    assert not alive(process)
    assert not services.answers_ping(listen)


def test_what_an_earlier_edition_kept_of_the_message_service_goes_at_the_start(tmp_path: Path) -> None:
    kept = tmp_path / "valkey" / "appendonlydir"
    kept.mkdir(parents=True)
    (kept / "appendonly.aof.1.incr.aof").write_text("words of a run that is deleted")
    (tmp_path / "valkey" / "dump.rdb").write_text("more of them")
    with Supervisor() as supervisor:
        services.start_valkey(supervisor, tmp_path)
        assert list((tmp_path / "valkey").iterdir()) == []


def test_without_any_server_a_stand_in_speaks_the_same_protocol(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "find_valkey", lambda: None)
    listen = places.socket_path(tmp_path)
    with Supervisor() as supervisor:
        services.start_valkey(supervisor, tmp_path)
        assert listen.stat().st_mode & 0o077 == 0
        client, other = (redis.Redis.from_url(f"unix://{listen}") for _ in range(2))
        assert client.eval("return redis.call('incrby', KEYS[1], ARGV[1])", 1, "n", 7) == 7
        assert other.get("n") == b"7"
        client.lpush("queue", "job")
        assert other.brpop(["queue"], timeout=5) == (b"queue", b"job")
        with other.pubsub(ignore_subscribe_messages=True) as ear:
            ear.subscribe("news")
            assert eventually(lambda: client.publish("news", "hello"))
            assert eventually(lambda: (ear.get_message() or {}).get("data") == b"hello")
        client.close()
        other.close()
    assert not services.answers_ping(listen)


def test_a_large_log_is_set_aside(supervisor: Supervisor, tmp_path: Path) -> None:
    service = python("talker", "print('fresh', flush=True); " + SLEEPER, tmp_path)
    service.log.write_bytes(b"x" * 6_000_000)
    supervisor.start(service)
    assert eventually(lambda: service.log.read_text() == "fresh\n")
    assert (tmp_path / "talker.old.log").stat().st_size == 6_000_000
