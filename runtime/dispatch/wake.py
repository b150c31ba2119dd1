"""Wake: the one sender of wake-ups. A wake-up says that there may be work; the database says which."""

import logging
import threading
from collections import Counter
from functools import cache
from urllib.parse import urlsplit

from celery import Celery

from runtime.nodes.spec import Resource

log = logging.getLogger(__name__)

TASK = "sluiceway.wake"
# What waits this long in a queue says nothing that the sweep has not found out.
EXPIRES = 60
# Wake-ups of one resource class that wait to be sent; as many workers find the rest by themselves.
MOST_WAITING = 16
# Wake-ups that may stand in a queue: whoever serves it takes them as they come, so where more stand nobody does. Looked at
# with the first that is sent to it and every so many afterwards, when those are on their way already.
MOST_QUEUED = 64
LOOK_EVERY = 64
# Schemes of addresses of a RabbitMQ; any other is a Valkey's or a Redis's.
RABBIT = frozenset({"amqp", "amqps"})
OF_REDIS = {
    "visibility_timeout": 6 * 3600,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1.0,
    "socket_timeout": 5.0,
}


def queue_of(resource: str) -> str:
    """The queue of a resource class; what needs none worth a queue rides with the processor's."""
    return f"sluiceway.{Resource.CPU.value if resource == Resource.INLINE.value else resource}"


def broker_url(broker: str) -> str:
    """The address of a Valkey, a Redis or a RabbitMQ as Celery spells it."""
    parts = urlsplit(broker)
    return f"redis+socket://{parts.path}" if parts.scheme == "unix" else broker


def make_app(broker: str) -> Celery:
    """The Celery application of both sides: JSON only, no results, a message lost is a message lost."""
    # Without Celery's own hand in Django: it would have each worker run all system checks, which import the whole web
    # side (40 MB), and look after connections that are looked after already.
    is_rabbit = urlsplit(broker).scheme in RABBIT
    app = Celery("sluiceway", set_as_current=False, fixups=[])
    app.conf.update(
        broker_url=broker_url(broker),
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=1.0,
        broker_transport_options={} if is_rabbit else OF_REDIS,
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        worker_prefetch_multiplier=1,
        # Acknowledged when done, so that a busy worker takes no wake-up that an idle one could follow. A RabbitMQ ends the
        # connection of who takes too long over one (half an hour), so there it is acknowledged at once.
        task_acks_late=not is_rabbit,
        task_create_missing_queues=True,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        worker_proc_alive_timeout=30,
    )
    return app


def wake(broker: str, resource: str, times: int = 1) -> None:
    """Tell workers of this resource class to look for work, some time soon. Never fails, and never takes time:

    a broker that is away costs its client seconds, so another thread waits for it. A wake-up that is lost is found
    by the sweep. Who is busy follows none, so as many are sent as there are segments that became ready.
    """
    _sender().put(broker, resource, times)


class Sender:
    """Sends wake-ups from a thread of its own."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], int] = {}  # how many wake-ups, in the order of their first
        self._sent: Counter[tuple[str, str]] = Counter()
        self._news = threading.Condition()
        threading.Thread(target=self._work, name="wake", daemon=True).start()

    def put(self, broker: str, resource: str, times: int = 1) -> None:
        with self._news:
            waiting = self._waiting.get((broker, resource), 0)
            self._waiting[broker, resource] = min(waiting + times, MOST_WAITING)
            self._news.notify()

    def _work(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._waiting)
                (broker, resource), times = next(iter(self._waiting.items()))
                del self._waiting[broker, resource]
            for _ in range(times):
                if not send(broker, resource):
                    break  # the broker is away, and so would the others be lost
                if self._sent[broker, resource] % LOOK_EVERY == 0:
                    clear_unheard(broker, resource)
                self._sent[broker, resource] += 1


def send(broker: str, resource: str) -> bool:
    """Send one wake-up now; False, and a line in the log, when the broker does not take it."""
    try:
        _app(broker).send_task(
            TASK, args=[resource], queue=queue_of(resource), retry=False, expires=EXPIRES, ignore_result=True
        )
    except Exception as fault:  # noqa: BLE001 - a client of a broker that refuses us raises what it likes; this never fails
        log.warning("no wake-up for %s sent: %s", resource, type(fault).__name__)
        return False
    return True


def clear_unheard(broker: str, resource: str) -> None:
    """Empty the queue of a class that nobody serves, which would grow for ever: what expires goes only when somebody takes it.

    Work is not lost by it: the sweep finds it. What a worker has taken and not yet acknowledged stands elsewhere and stays.
    """
    try:
        with _app(broker).pool.acquire(block=True) as connection, connection.channel() as channel:
            try:
                waiting = channel.queue_declare(queue_of(resource), passive=True).message_count
            except connection.channel_errors:
                return  # all are taken: a Valkey keeps no empty queue
            if waiting > MOST_QUEUED:
                channel.queue_purge(queue_of(resource))
                send(broker, resource)  # the last may be one that somebody waits for
                log.info("nobody follows wake-ups for %s: %d are dropped", resource, waiting)
    except Exception as fault:  # noqa: BLE001 - as above: the broker went away between the two
        log.warning("wake-ups for %s not counted: %s", resource, type(fault).__name__)


def answers(broker: str, patience: float) -> bool:
    """Whether the broker can be spoken to, within so many seconds."""
    try:
        with make_app(broker).connection(connect_timeout=patience) as connection:
            connection.ensure_connection(max_retries=1, timeout=patience)
    except Exception as fault:  # noqa: BLE001 - as above: one that refuses us is of no use either
        log.warning("no broker: %s", type(fault).__name__)
        return False
    return True


@cache
def _sender() -> Sender:
    return Sender()


@cache
def _app(broker: str) -> Celery:
    return make_app(broker)
