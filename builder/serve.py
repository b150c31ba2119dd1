"""Serves the site on a socket that the supervisor opened: `python -m builder.serve <file descriptor>`."""

import socket
import sys

import uvicorn

from builder.common.unread import Protocol


def main() -> None:
    """Serve until asked to stop."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    config = uvicorn.Config(
        "builder.asgi:application",
        lifespan="on",
        ws=Protocol,
        ws_max_size=64 * 1024,  # browsers send next to nothing here
        access_log=False,
        log_level="info",
        server_header=False,
        proxy_headers=False,  # else any local program could name itself another address
        timeout_graceful_shutdown=1,  # open event streams would hold the end of the process for ever
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
