"""Stands in for Valkey where no server exists for the machine: `python -m builder.spare_valkey <socket>`.

Complete enough for our queue, channels and cancel keys, but slow (a round trip takes tens of milliseconds) and with
nothing kept on disk. Nothing is lost with it: the database is the truth, and messages are only wake-ups.
"""

import itertools
import os
import socket
import sys
from typing import Any

from fakeredis import TcpFakeServer


class SpareValkey(TcpFakeServer):
    """fakeredis's TCP server, on a unix socket that only its owner may open."""

    address_family = socket.AF_UNIX

    def __init__(self, path: str) -> None:
        self._numbers = itertools.count()
        before = os.umask(0o177)
        try:
            super().__init__(path)  # type: ignore[arg-type]  # typed for TCP addresses alone
        finally:
            os.umask(before)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a client, under a number of its own: clients of a unix socket have no address."""
        connection, _ = self.socket.accept()
        return connection, ("unix", next(self._numbers))


def main() -> None:
    """Serve until ended."""
    SpareValkey(sys.argv[1]).serve_forever()


if __name__ == "__main__":
    main()
