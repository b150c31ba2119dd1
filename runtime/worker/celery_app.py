"""The Celery application of a worker, and the one task that it knows."""

from celery import Celery

from runtime.dispatch.wake import TASK, make_app, queue_of
from runtime.worker.agent import Agent


def worker_app(redis_url: str, agent: Agent) -> Celery:
    """An application whose wake-ups make `agent` look for work."""

    def wake(resource: str) -> None:
        # The message carries nothing to act on: forged or repeated, it makes the agent look, and that is all.
        agent.drain()

    app = make_app(redis_url)
    app.task(wake, name=TASK)
    return app


def queues_of(agent: Agent) -> list[str]:
    """The queues of its resource classes."""
    return sorted({queue_of(resource) for resource in agent.resources})
