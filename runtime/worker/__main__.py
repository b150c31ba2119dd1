"""`python -m runtime.worker`: a worker, until it is asked to go or its parent ends."""

import logging
import os
import signal
import sys
from importlib import import_module

from celery.signals import worker_shutting_down

from runtime.dispatch.store import RunStore
from runtime.nodes.registry import load_registry
from runtime.worker import environment
from runtime.worker.agent import Agent
from runtime.worker.celery_app import queues_of, worker_app
from runtime.worker.keeper import Keeper
from runtime.worker.lifeline import die_with_parent

# A segment that ends within this time ends; another is handed back. The kill that follows must find nothing to do.
DRAIN = 6.0


def main() -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    parent = os.getppid()
    if parent != 1:  # in a container the parent is init, which outlives everybody
        die_with_parent(signal.SIGTERM, parent)
    agent = Agent(
        _open_store(),
        load_registry(),
        environment.resources(),
        lease=environment.lease_seconds(),
    )
    agent.warm_up()
    app = worker_app(environment.redis_url(), agent)
    worker_shutting_down.connect(lambda **_: agent.stop(DRAIN), weak=False)
    # The supervisor's second word: hand back now.
    signal.signal(signal.SIGQUIT, lambda *_: agent.stop(0))
    with Keeper(agent, environment.redis_url(), parent):
        app.Worker(
            # Threads: a fork after torch has run hangs, and one that is busy must still answer.
            pool="threads",
            concurrency=1,
            queues=queues_of(agent),
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            loglevel="WARNING",
            hostname=f"{agent.name}@sluiceway",
        ).start()
    agent.stop(0)
    agent.close()
    return 0


def _open_store() -> RunStore:
    module, _, name = environment.run_store_path().partition(":")
    store: RunStore = getattr(import_module(module), name)()
    return store


if __name__ == "__main__":
    sys.exit(main())
