"""`python -m runtime.worker`: a worker, until it is asked to go or its parent ends."""

import os
import signal
import threading
import time
from importlib import import_module
from typing import Any

from runtime import logs
from runtime.collector import settle
from runtime.dispatch.secrets import SecretStore
from runtime.dispatch.store import RunStore
from runtime.nodes.registry import load_registry
from runtime.worker import environment
from runtime.worker.agent import Agent
from runtime.worker.celery_app import listen
from runtime.worker.hints import hear_needs
from runtime.worker.keeper import Keeper
from runtime.worker.lifeline import die_with_parent
from runtime.worker.offspring import adopt_orphans
from runtime.worker.trials import hear

# Seconds to hand back what did not end in time.
HAND_BACK = 1.5


def main() -> None:
    logs.configure()
    parent = os.getppid()
    if parent != 1:  # in a container the parent is init, which outlives everybody
        die_with_parent(signal.SIGTERM, parent)
    adopt_orphans()
    store: RunStore = _open(environment.run_store_path())
    secrets: SecretStore = _open(environment.secret_store_path())
    agent = Agent(store, load_registry(), environment.resources(), secrets, lease=environment.lease_seconds())
    leaving = _leave_on_signals(agent)
    agent.warm_up()
    settle()
    redis_url = environment.redis_url()
    broker = environment.broker_url()
    with Keeper(agent, broker, parent) as keeper:
        # Beside the main thread, so that signals are ours: Celery would wait for what we hand back.
        threading.Thread(target=listen, args=(broker, agent), name="celery", daemon=True).start()
        trials = (redis_url, agent.ask, keeper.look)
        threading.Thread(target=hear, args=trials, name="trials", daemon=True).start()
        hints = (redis_url, agent.expect, keeper.look)
        threading.Thread(target=hear_needs, args=hints, name="hints", daemon=True).start()
        while not leaving:
            time.sleep(0.05)
        deadline = time.monotonic() + environment.drain_seconds() + HAND_BACK
        while agent.busy and time.monotonic() < deadline:
            time.sleep(0.02)
    agent.close()
    # Not by way of threads that still wait for a broker: nothing that matters is left in them.
    os._exit(0)


def _leave_on_signals(agent: Agent) -> list[int]:
    """Filled by requests to go; SIGQUIT is the second word, and means at once.

    No Event: a handler that is interrupted by the next signal's, within `set`, would wait for itself.
    """
    leaving: list[int] = []
    patience = environment.drain_seconds()

    def leave(number: int, frame: object) -> None:
        agent.stop(0.0 if number == signal.SIGQUIT else patience)
        leaving.append(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, leave)
    return leaving


def _open(path: str) -> Any:
    """What a dotted path opens: here the application is joined with us."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)()


if __name__ == "__main__":
    main()
