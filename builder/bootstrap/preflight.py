"""Refuses an `up` that cannot work before it has installed or written anything."""

import argparse
from collections.abc import Sequence

from builder.bootstrap import places, services
from builder.bootstrap.lock import HomeLock
from builder.bootstrap.talk import Refusal

HOST, PORT = "127.0.0.1", 8000


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that say where the site is to answer."""
    parser.add_argument("--host", default=HOST, help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=PORT, help="port to listen on; 0 picks a free one")


def check(arguments: Sequence[str]) -> None:
    """Refusal when the home is in use, or the address cannot be used. Arguments that make no sense are left to `up`."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    add_options(parser)
    try:
        options, _ = parser.parse_known_args(arguments)
    except argparse.ArgumentError:
        return
    refuse_second()
    services.listen(options.host, options.port).close()


def refuse_second() -> None:
    """Refusal when another process runs the home. A home that is not there yet is not made."""
    home = places.home()
    if not (home / "up.lock").exists():
        return
    lock = HomeLock(home)
    if not lock.take():
        raise in_use(lock)
    lock.release()


def in_use(lock: HomeLock) -> Refusal:
    """That another process runs the home, and which."""
    return Refusal(f"Sluiceway already runs for {places.home()} ({lock.holder()}). Stop it first.")
