"""The Celery side of a worker: it hears wake-ups, and knows one task."""

import logging
import time

from celery import Celery

from runtime.dispatch.wake import TASK, make_app, queue_of
from runtime.worker.agent import Agent

log = logging.getLogger(__name__)

AGAIN = 2.0  # seconds before listening again after it broke off


def worker_app(broker: str, agent: Agent) -> Celery:
    """An application whose wake-ups make `agent` look for work."""

    def wake(resource: str) -> None:
        # The message carries nothing to act on: forged or repeated, it makes the agent look, and that is all.
        agent.drain()

    app = make_app(broker)
    app.task(wake, name=TASK)
    return app


def listen(broker: str, agent: Agent) -> None:
    """Follow wake-ups for ever. Meanwhile the sweep finds work by itself, so an outage costs a second a segment."""
    queues = sorted({queue_of(resource) for resource in agent.resources})
    while True:
        try:
            worker_app(broker, agent).Worker(
                # Threads: a fork after torch has run hangs, and one that is busy must still answer.
                pool="threads",
                concurrency=1,
                queues=queues,
                without_gossip=True,
                without_mingle=True,
                without_heartbeat=True,
                loglevel="WARNING",
                hostname=f"{agent.name}@sluiceway",
                quiet=True,
            ).start()
        except (Exception, SystemExit) as fault:  # noqa: BLE001 - whatever ends Celery, we listen again
            log.warning("wake-ups are not heard: %s", type(fault).__name__)
        time.sleep(AGAIN)
