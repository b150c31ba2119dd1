"""The message service: whether it answers."""

import redis
from django.conf import settings

from builder.operations.told import Told, well, wrong
from runtime.words import Words

PATIENCE = 1.0  # seconds; one that takes longer is of no use to anybody who waits for an event

_ANSWERS = Words("The message service answers.", "消息服务有响应。")
_SILENT = Words("The message service does not answer.", "消息服务没有响应。")
_LOOK = Words(
    "Look at log/valkey.log in the home, or at the server that SLUICEWAY_REDIS_URL names. Runs go on without it; "
    "nobody sees them live.",
    "请查看数据目录中的 log/valkey.log，或 SLUICEWAY_REDIS_URL 所指的服务器。运行不会中断，但无法实时查看。",
)


def messages() -> Told:
    try:
        with redis.Redis.from_url(
            settings.SLUICEWAY_REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
        ) as client:
            client.ping()
    except (redis.exceptions.RedisError, OSError, ValueError):
        return wrong("messages", _SILENT, _LOOK)
    return well("messages", _ANSWERS)
