"""Finds RabbitMQ for the tests of workers, and installs Debian's where that is possible."""

from pathlib import Path

from builder.bootstrap.talk import Refusal
from tests.stages.apt import install

# The program itself. The one on PATH would change to a user of its own, who cannot write where a test does.
PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


def ensure() -> Path:
    """The path of its server, installed first where this user may. Refusal with one sentence otherwise."""
    if not PROGRAM.exists():
        install("RabbitMQ", ("rabbitmq-server",), "about 60 MB")
    if not PROGRAM.exists():
        raise Refusal(f"apt-get installed RabbitMQ, but not as {PROGRAM}.")
    return PROGRAM
