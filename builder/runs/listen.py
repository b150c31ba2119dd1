"""Listen: keeps the message layer's ear open, so that who comes to watch a run is told at once.

While nobody is subscribed to anything, the receiver of channels_redis sleeps, and looks each tenth of a second whether
somebody is by now. Whoever comes then hears nothing until it looks. One channel that stays lets it wait for messages instead.
"""

import asyncio
import logging
from typing import Any
from weakref import WeakKeyDictionary

import redis.exceptions
from channels.layers import get_channel_layer
from django.urls import get_resolver

from runtime.collector import settle

log = logging.getLogger(__name__)

# One for each event loop; a server has one.
_kept: "WeakKeyDictionary[asyncio.AbstractEventLoop, str]" = WeakKeyDictionary()


async def keep_listening() -> None:
    """Subscribe to a channel to which nobody ever sends, unless this loop has it. Without the message service nothing is kept."""
    loop = asyncio.get_running_loop()
    if loop in _kept:
        return
    try:
        _kept[loop] = await get_channel_layer().new_channel()
    except (OSError, redis.exceptions.RedisError) as fault:
        log.warning("events may come a tenth of a second late: %s", type(fault).__name__)


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The server's own beginning and end, as ASGI tells them."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await keep_listening()
            _ = get_resolver().url_patterns  # else the first request would import all views
            settle()
            await send({"type": "lifespan.startup.complete"})
        else:
            await send({"type": "lifespan.shutdown.complete"})
            return
